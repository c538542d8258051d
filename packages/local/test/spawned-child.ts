import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { join } from "node:path";

export interface ChildEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
  readonly complaints: string;
}

/** What a child runs under: straight from the sources. */
export const nodeFlags: readonly string[] = ["--conditions=@storage/source", "--no-warnings"];

export function childPath(name: string): string {
  return join(import.meta.dirname, "children", name);
}

/** A program of `test/children` in a Node of its own. */
export function startChild(
  name: string,
  parameters: readonly string[],
  options: SpawnOptions = {},
): ChildProcess {
  return spawn(process.execPath, [...nodeFlags, childPath(name), ...parameters], {
    stdio: ["ignore", "pipe", "pipe"],
    ...options,
  });
}

export async function ended(child: ChildProcess): Promise<ChildEnd> {
  const output: string[] = [];
  const complaints: string[] = [];
  child.stdout?.setEncoding("utf8").on("data", (text: string) => output.push(text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => complaints.push(text));
  const { promise, resolve, reject } = Promise.withResolvers<Pick<ChildEnd, "code" | "signal">>();
  child.once("error", reject).once("close", (code, signal) => resolve({ code, signal }));
  return { ...(await promise), output: output.join(""), complaints: complaints.join("") };
}

/** What each of them wrote, at once; one that fails fails the test. */
export async function runChildren(
  name: string,
  parameters: readonly (readonly string[])[],
): Promise<string[]> {
  const ends = await Promise.all(parameters.map((own) => ended(startChild(name, own))));
  for (const { code, complaints } of ends) if (code !== 0) throw new Error(complaints);
  return ends.map(({ output }) => output);
}
