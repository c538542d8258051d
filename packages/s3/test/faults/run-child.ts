import { type ChildProcess, spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

const folder = new URL("../children/", import.meta.url);

/** A script of `test/children`, over the sources of the packages. */
export function startChild(name: string, ...parameters: readonly string[]): ChildProcess {
  const script = fileURLToPath(new URL(name, folder));
  return spawn(process.execPath, ["--conditions=@storage/source", script, ...parameters], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}

/** What it prints. */
export async function outputOf(child: ChildProcess): Promise<string> {
  return child.stdout === null ? "" : await text(child.stdout);
}
