import nodeFs from "node:fs";
import type { FileSystem } from "@storage/local";

type CallName = keyof FileSystem;

/** What becomes of one call: an error, given here, instead of it or after it; or something done before it. */
export interface Fault {
  readonly fail?: string | undefined;
  /** The call is made, and fails all the same. */
  readonly after?: boolean | undefined;
  readonly before?: (() => Promise<void> | void) | undefined;
}

/** The machine's file system, save for the calls in which `fault` sees one. */
export function faultyFileSystem(
  fault: (call: CallName, parameters: readonly unknown[]) => Fault | undefined,
): FileSystem {
  const wrapped = (call: CallName): unknown => {
    const real = nodeFs[call] as (...all: unknown[]) => void;
    return (...all: unknown[]) => {
      const done = all.at(-1) as (error: Error | null, value?: unknown) => void;
      const found = fault(call, all.slice(0, -1));
      if (found === undefined) return real(...all);
      const { fail, after = false, before } = found;
      const error = fail === undefined ? undefined : failed(fail, call, String(all[0]));
      void Promise.resolve(before?.()).then(() => {
        if (error === undefined) real(...all);
        else if (after) real(...all.slice(0, -1), () => done(error));
        else done(error);
      });
    };
  };
  const calls = Object.keys(names) as CallName[];
  return Object.fromEntries(calls.map((call) => [call, wrapped(call)])) as unknown as FileSystem;
}

/** As Node makes it, with a path in its message. */
function failed(code: string, syscall: string, path: string): Error {
  const message = `${code}: something went wrong, ${syscall} '${path}'`;
  return Object.assign(new Error(message), { code, errno: -1, syscall, path });
}

const names: Record<CallName, true> = {
  open: true,
  close: true,
  read: true,
  write: true,
  fsync: true,
  fstat: true,
  lstat: true,
  stat: true,
  futimes: true,
  lutimes: true,
  rename: true,
  link: true,
  unlink: true,
  mkdir: true,
  rmdir: true,
  readdir: true,
  readlink: true,
  symlink: true,
  realpath: true,
  copyFile: true,
};
