// The functions of this file but the last are handed to another process as their own text: they know each other,
// and Node's modules by `process.getBuiltinModule`, and nothing else.

/** When, seen from a call, a process is killed; midway: when half of what a call writes is written. */
export type KillMoment = "before" | "midway" | "after";

/** A call that may change something on the disk. */
export interface CountedCall {
  /** "rename"; of a file handle "FileHandle.write". */
  readonly name: string;
  /** Whether no other call was under way: then a kill before this one leaves what a kill after the last one does. */
  readonly isAlone: boolean;
  /** Whether it writes bytes, of which there can be half. */
  readonly isDivisible: boolean;
}

/** What `killable` finds in a process that runs under the harness. */
export interface CrashHook {
  isArmed: boolean;
  readonly calls: CountedCall[];
  /** Tells the harness which calls were made. */
  report(): void;
}

type Call = (this: unknown, ...parameters: unknown[]) => unknown;

/** What is done around one call. */
interface Step {
  readonly midway: () => void;
  readonly after: () => void;
}

function methodOf(target: unknown, name: string): Call | undefined {
  const method: unknown = Reflect.get(Object(target), name);
  return typeof method === "function" ? (method as Call) : undefined;
}

/** What text, a view, or several of them hold; undefined for a stream. */
function bytesOf(data: unknown): Buffer | undefined {
  if (typeof data === "string") return Buffer.from(data);
  if (ArrayBuffer.isView(data)) return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  if (!Array.isArray(data)) return undefined;
  return Buffer.concat(data.map((part) => bytesOf(part) ?? Buffer.alloc(0)));
}

/** The window of `write(fd, buffer, offset, length)`, in either of its forms. */
function windowOf(bytes: Buffer, terms: unknown, length: unknown): Buffer {
  const named = typeof terms === "object" && terms !== null;
  const [start, size]: unknown[] = named
    ? [Reflect.get(terms, "offset"), Reflect.get(terms, "length")]
    : [terms, length];
  const from = typeof start === "number" ? start : 0;
  return bytes.subarray(from, typeof size === "number" ? from + size : bytes.length);
}

/** What a call is about to write; `rest` is what follows its path or descriptor. */
function writtenBy(name: string, rest: readonly unknown[]): Buffer | undefined {
  const [data, terms, length] = rest;
  const bytes = bytesOf(data);
  if (bytes === undefined || !/^(write|writev|writeFile|appendFile)$/.test(name)) return undefined;
  return name === "write" && typeof data !== "string" ? windowOf(bytes, terms, length) : bytes;
}

/** Where in the file `write` and `writev` write; null: where the last one ended. */
function positionOf(name: string, [data, terms, , last]: readonly unknown[]): number | null {
  const isNamed = typeof terms === "object" && terms !== null;
  const given =
    name === "writev" || typeof data === "string" ? terms : isNamed ? Reflect.get(terms, "position") : last;
  return typeof given === "number" ? given : null;
}

/** Half of what a call writes, written at once. `fs` has the calls that wait, as they were. */
function writeHalf(fs: Map<string, Call>, name: string, target: unknown, rest: readonly unknown[]): void {
  const sync = (call: string, ...all: unknown[]): unknown => fs.get(call)?.(...all);
  const half = (bytes: Buffer): Buffer => bytes.subarray(0, Math.ceil(bytes.length / 2));
  if (name === "copyFile") {
    sync("writeFile", rest[0], half(bytesOf(sync("readFile", target)) ?? Buffer.alloc(0)));
    return;
  }
  const bytes = half(writtenBy(name, rest) ?? Buffer.alloc(0));
  if (name === "write" || name === "writev")
    sync("write", target, bytes, 0, bytes.length, positionOf(name, rest));
  else sync(name, target, bytes, typeof rest[1] === "function" ? undefined : rest[1]);
}

/** Whether a call opens for reading alone. */
function onlyReads(name: string, flags: unknown): boolean {
  return (
    name === "open" &&
    (typeof flags === "function" || [undefined, null, 0, "r", "rs", "sr"].includes(flags as string))
  );
}

/** `begin` is told of each call while the hook is armed, and gives what is done in and after it. */
function wrapped(
  real: Call,
  begin: (self: unknown, parameters: readonly unknown[]) => Step | undefined,
): Call {
  return function (this: unknown, ...parameters) {
    const step = begin(this, parameters);
    if (step === undefined) return real.apply(this, parameters);
    step.midway();
    const done = parameters.at(-1);
    if (typeof done === "function") {
      return real.call(this, ...parameters.slice(0, -1), (...results: unknown[]) => {
        step.after();
        done(...results);
      });
    }
    const given = real.apply(this, parameters);
    if (given instanceof Promise) return given.finally(() => step.after());
    step.after();
    return given;
  };
}

function isDivisible(name: string, rest: readonly unknown[]): boolean {
  return name === "copyFile" || (writtenBy(name, rest)?.length ?? 0) > 1;
}

/** Counts calls, and kills this process at the chosen one. */
function counter(hook: CrashHook, fs: Map<string, Call>, at: number, moment: string) {
  let underWay = 0;
  const killIf = (isSo: boolean): void => {
    if (isSo) process.kill(process.pid, "SIGKILL");
  };
  const begin = (name: string, shown: string, [first, ...rest]: readonly unknown[]): Step | undefined => {
    const target: unknown = Reflect.get(Object(first), "fd") ?? first;
    if (!hook.isArmed || onlyReads(name, rest[0])) return undefined;
    const call = { name: shown, isAlone: underWay === 0, isDivisible: isDivisible(name, rest) };
    const isChosen = hook.calls.push(call) === at;
    killIf(isChosen && moment === "before");
    underWay++;
    return {
      midway: () => {
        if (!isChosen || moment !== "midway") return;
        writeHalf(fs, name, target, rest);
        killIf(true);
      },
      after: () => {
        killIf(isChosen && moment === "after");
        underWay--;
      },
    };
  };
  return (name: string, isHandle: boolean) => (self: unknown, parameters: readonly unknown[]) =>
    isHandle ? begin(name, `FileHandle.${name}`, [self, ...parameters]) : begin(name, name, parameters);
}

/** Wraps, in place, every call of `node:fs` by which something on the disk can change. */
async function installCrashHook(at: number, moment: string): Promise<void> {
  const names =
    "appendFile chmod chown copyFile cp fchmod fchown ftruncate futimes lchown link lutimes mkdir mkdtemp open rename rm rmdir symlink truncate unlink utimes write writeFile writev".split(
      " ",
    );
  const fs = process.getBuiltinModule("node:fs");
  const handle = await fs.promises.open(process.execPath);
  const handles: unknown = Object.getPrototypeOf(handle);
  await handle.close();
  const real = new Map<string, Call>();
  for (const name of ["readFile", ...names]) {
    const method = methodOf(fs, `${name}Sync`);
    if (method !== undefined) real.set(name, method);
  }
  const report = (): void => {
    real.get("write")?.(3, JSON.stringify(hook.calls));
  };
  const hook: CrashHook = { isArmed: false, calls: [], report };
  const begin = counter(hook, real, at, moment);
  const wrap = (target: object, method: string, name: string): void => {
    const original = methodOf(target, method);
    if (original === undefined) return;
    const wrapper = wrapped(original, begin(name, target === handles));
    // What `util.promisify` looks for is there too.
    Object.defineProperties(wrapper, Object.getOwnPropertyDescriptors(original));
    Reflect.set(target, method, wrapper);
  };
  for (const name of names) {
    for (const target of [fs, fs.promises, Object(handles)]) wrap(target, name, name);
    wrap(fs, `${name}Sync`, name);
  }
  Reflect.set(globalThis, Symbol.for("@storage/testing/crash/1"), hook);
  process.getBuiltinModule("node:module").syncBuiltinESMExports();
}

/** What Node loads before a program, for `--import`: so the program's own imports find what is wrapped. */
export function crashHookUrl(at: number, moment: KillMoment): string {
  const parts = [
    methodOf,
    bytesOf,
    windowOf,
    writtenBy,
    positionOf,
    writeHalf,
    onlyReads,
    wrapped,
    isDivisible,
    counter,
  ];
  const text = [
    // Some compilers put a call of this into every function.
    "const __name = (value) => value;",
    ...[...parts, installCrashHook].map(String),
    `await ${installCrashHook.name}(${at}, ${JSON.stringify(moment)});`,
  ];
  return `data:text/javascript,${encodeURIComponent(text.join("\n"))}`;
}
