// Loaded before a program: counts the calls of `node:fs` that a backend makes, in place, so that the program
// takes the way it takes in production; and kills the process right before or right after one of them.
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

const names = [
  "open",
  "close",
  "read",
  "write",
  "fsync",
  "fstat",
  "lstat",
  "stat",
  "futimes",
  "lutimes",
  "rename",
  "link",
  "unlink",
  "mkdir",
  "rmdir",
  "readdir",
  "readlink",
  "symlink",
  "realpath",
  "copyFile",
] as const;

export type CountedCall = (typeof names)[number];

/** One call, in the order in which they were made. */
export interface Counted {
  readonly name: CountedCall;
  /** Whether no other call was under way: then a kill before this one is a kill after the last one. */
  readonly alone: boolean;
}

export interface CrashHook {
  armed: boolean;
  readonly calls: Counted[];
}

const hook: CrashHook = { armed: false, calls: [] };
Reflect.set(globalThis, Symbol.for("storage.crash"), hook);

const { CRASH_AT, CRASH_WHEN } = process.env;
let underWay = 0;

type Call = (...parameters: unknown[]) => void;

function counted(name: CountedCall, real: Call): Call {
  return (...parameters) => {
    if (!hook.armed) return real(...parameters);
    const number = hook.calls.push({ name, alone: underWay === 0 });
    const isLast = number === Number(CRASH_AT);
    if (isLast && CRASH_WHEN === "before") process.kill(process.pid, "SIGKILL");
    const done = parameters.at(-1) as Call;
    underWay++;
    real(...parameters.slice(0, -1), (...results: unknown[]) => {
      if (isLast && CRASH_WHEN === "after") process.kill(process.pid, "SIGKILL");
      underWay--;
      done(...results);
    });
  };
}

for (const name of names) {
  const real = fs[name] as unknown as Call;
  const wrapped = counted(name, real);
  if (name === "realpath") {
    Reflect.set(wrapped, "native", counted(name, fs.realpath.native as unknown as Call));
  }
  Reflect.set(fs, name, wrapped);
}
syncBuiltinESMExports();
