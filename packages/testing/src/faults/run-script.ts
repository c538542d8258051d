import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** How a Node program is run in a process of its own. */
export interface ScriptOptions {
  /** What it finds in `process.argv` from 2 on. Default: nothing. */
  readonly parameters?: readonly string[] | undefined;
  /** Of Node itself: "--conditions=development". Default: nothing; this process's own are not handed on. */
  readonly nodeParameters?: readonly string[] | undefined;
  /** Beside the environment of this process. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Milliseconds, after which it gets SIGTERM. Default: 60000. */
  readonly timeout?: number | undefined;
}

/** How a script ended. A code above 0 is no rejection: what it complained of is for the test to look at. */
export interface ScriptEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Standard output. */
  readonly output: string;
  /** Standard error. */
  readonly complaints: string;
}

/** The command that runs it. */
export function scriptCommand(script: string | URL, options: ScriptOptions): string[] {
  const path = script instanceof URL ? fileURLToPath(script) : script;
  return [process.execPath, ...(options.nodeParameters ?? []), path, ...(options.parameters ?? [])];
}

/** Rejects with the system's error where it cannot be started. */
export async function runCommand(
  command: readonly string[],
  { env, timeout = 60_000 }: ScriptOptions,
  surroundings: Pick<SpawnOptions, "uid" | "gid"> = {},
): Promise<ScriptEnd> {
  const [program = "", ...parameters] = command;
  const child = spawn(program, parameters, {
    ...surroundings,
    env: { ...process.env, ...env },
    timeout,
    stdio: ["ignore", "pipe", "pipe"],
  });
  return await scriptEnd(child);
}

export async function scriptEnd(child: ChildProcess): Promise<ScriptEnd> {
  const output: string[] = [];
  const complaints: string[] = [];
  child.stdout?.setEncoding("utf8").on("data", (text: string) => output.push(text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => complaints.push(text));
  const { promise, resolve, reject } = Promise.withResolvers<Pick<ScriptEnd, "code" | "signal">>();
  child.once("error", reject).once("close", (code, signal) => resolve({ code, signal }));
  const { code, signal } = await promise;
  return { code, signal, output: output.join(""), complaints: complaints.join("") };
}
