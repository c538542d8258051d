import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { available } from "../../../scripts/requirements.ts";
import type { Counted, CountedCall } from "./children/crash-hook.ts";
import { crashScenarios } from "./crash-scenarios.ts";
import { crashCommand, prepared } from "./killed.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** The system calls by which each kind is made. */
const kinds: Readonly<Record<string, readonly string[]>> = {
  open: ["open", "openat"],
  close: ["close"],
  read: ["read", "pread64"],
  write: ["write", "pwrite64"],
  fsync: ["fsync", "fdatasync"],
  stat: ["statx", "stat", "lstat", "fstat", "newfstatat"],
  times: ["utimensat"],
  rename: ["rename", "renameat", "renameat2"],
  link: ["link", "linkat"],
  unlink: ["unlink", "unlinkat"],
  mkdir: ["mkdir", "mkdirat"],
  rmdir: ["rmdir"],
  readlink: ["readlink", "readlinkat"],
  symlink: ["symlink", "symlinkat"],
};

const kindOf: Readonly<Partial<Record<CountedCall, string>>> = {
  fstat: "stat",
  lstat: "stat",
  futimes: "times",
  lutimes: "times",
};

type Tally = Readonly<Record<string, number>>;

function tallied(names: readonly string[]): Tally {
  const tally: Record<string, number> = {};
  for (const name of names) tally[name] = (tally[name] ?? 0) + 1;
  return tally;
}

/** What was called about the folder, by its path or by a descriptor, between the program's two markers. */
function traced(lines: readonly string[], basePath: string): Tally {
  const begin = lines.findIndex((line) => line.includes('"/marker/begin"'));
  const end = lines.findIndex((line) => line.includes('"/marker/end"'));
  if (begin === -1 || end === -1) throw new Error("the markers are not in the trace");
  const ours = lines
    .slice(begin, end)
    .filter((line) => line.includes(basePath) || line.includes('"/proc/self/fd/'));
  const calls = ours.map((line) => /^\d+ +(\w+)\(/.exec(line)?.[1]).filter((call) => call !== undefined);
  return tallied(
    calls.map((call) => Object.keys(kinds).find((kind) => kinds[kind]?.includes(call)) ?? `another: ${call}`),
  );
}

const names = [
  "a put of bytes",
  "a put under a nested key with metadata",
  "a put of a stream with metadata",
  "a put without metadata over an object with metadata",
  "a create-only put",
  "a compare-and-swap",
  "a move over another object",
  "a delete",
  "a conditional delete",
];

describe.skipIf(!available("strace"))("the calls that are counted are those that the kernel sees", () => {
  test.each(names.flatMap((name) => [[name, "fsync"] as const, [name, "none"] as const]))(
    "of %s (%s)",
    { timeout: 60_000 },
    async (name, durability) => {
      const folder = await temporaryFolder();
      const basePath = join(folder, "base");
      const scenario = crashScenarios[name];
      if (scenario === undefined) throw new Error(name);
      await prepared(basePath, scenario);
      const trace = join(folder, "trace");
      const command = await crashCommand(basePath, name, durability);
      const { stdout, status } = spawnSync("strace", ["-f", "-y", "-o", trace, ...command], {
        encoding: "utf8",
      });
      expect(status).toBe(0);
      const counted = (JSON.parse(stdout) as Counted[]).map((call) => kindOf[call.name] ?? call.name);
      const lines = (await readFile(trace, "utf8")).split("\n");
      expect(traced(lines, basePath)).toEqual(tallied(counted));
      expect(counted.includes("fsync")).toBe(durability === "fsync");
    },
  );
});
