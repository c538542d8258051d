import type { CrashHook } from "./crash-hook.ts";

/**
 * The part of a script whose file-system calls `crashAtEveryCall` counts, and kills the process at. In a process that
 * runs under no harness it just runs. One part per script: what a second one does is not looked at.
 */
export async function killable<Value>(run: () => Value | Promise<Value>): Promise<Value> {
  const hook = Reflect.get(globalThis, Symbol.for("@storage/testing/crash/1")) as CrashHook | undefined;
  if (hook === undefined || hook.calls.length > 0) return await run();
  hook.isArmed = true;
  try {
    return await run();
  } finally {
    hook.isArmed = false;
    hook.report();
  }
}
