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

/** Those that a backend makes at once too, where the disk is a local one. */
const atOnce = ["close", "fstat", "futimes"] as const;

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

type Call = (...parameters: unknown[]) => unknown;

/** A function of `node:fs` as it is now, by its name. */
function callOf(target: object, name: string): Call {
  const method: unknown = Reflect.get(target, name);
  if (typeof method !== "function") throw new TypeError(`node:fs has no ${name}`);
  return (...parameters) => Reflect.apply(method, fs, parameters);
}

/** Counts a call, and kills this process before it where that is asked for; gives what is to be done after it. */
function begun(name: CountedCall): () => void {
  const isLast = hook.calls.push({ name, alone: underWay === 0 }) === Number(CRASH_AT);
  if (isLast && CRASH_WHEN === "before") process.kill(process.pid, "SIGKILL");
  underWay++;
  return () => {
    if (isLast && CRASH_WHEN === "after") process.kill(process.pid, "SIGKILL");
    underWay--;
  };
}

function counted(name: CountedCall, real: Call): Call {
  return (...parameters) => {
    if (!hook.armed) return real(...parameters);
    const ended = begun(name);
    const done = parameters.at(-1) as Call;
    return real(...parameters.slice(0, -1), (...results: unknown[]) => {
      ended();
      done(...results);
    });
  };
}

function countedAtOnce(name: CountedCall, real: Call): Call {
  return (...parameters) => {
    if (!hook.armed) return real(...parameters);
    const ended = begun(name);
    try {
      return real(...parameters);
    } finally {
      ended();
    }
  };
}

for (const name of names) {
  const wrapped = counted(name, callOf(fs, name));
  if (name === "realpath") Reflect.set(wrapped, "native", counted(name, callOf(fs.realpath, "native")));
  Reflect.set(fs, name, wrapped);
}
for (const name of atOnce) Reflect.set(fs, `${name}Sync`, countedAtOnce(name, callOf(fs, `${name}Sync`)));
syncBuiltinESMExports();
