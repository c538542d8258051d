import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Counts } from "../counts.ts";
import type { Contender, Row } from "../row.ts";
import { ours } from "./stores.ts";

const run = promisify(execFile);

/** As an application would load it, from what is built: without the condition that leads to our sources. */
const modules = {
  [ours]: ["@storage/local"],
  "files-sdk": ["files-sdk", "files-sdk/fs"],
  flystorage: ["@flystorage/file-storage", "@flystorage/local-fs"],
  flydrive: ["flydrive", "flydrive/drivers/fs"],
  unstorage: ["unstorage", "unstorage/drivers/fs"],
};

export function importRow({ rounds, starts }: Counts): Row {
  return {
    name: "import in a fresh process",
    figure: "milliseconds above raw",
    target: { figure: 20 },
    rounds,
    times: starts,
    inFlight: 1,
    contenders: async () => [
      start("a bare start", []),
      ...Object.entries(modules).map(([name, specifiers]) => start(name, specifiers)),
    ],
  };
}

function start(name: string, specifiers: readonly string[]): Contender {
  const program = specifiers.map((specifier) => `await import(${JSON.stringify(specifier)});`).join("");
  const options = { cwd: import.meta.dirname, env: {} };
  return {
    name,
    run: () => run(process.execPath, ["--input-type=module", "--eval", program], options),
  };
}
