import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";

/** Starts a program of test/children under Node, from the sources. */
export function startChild(name: string, parameters: object, flags: readonly string[] = []): ChildProcess {
  const program = join(import.meta.dirname, "children", `${name}.ts`);
  return spawn(
    process.execPath,
    ["--conditions=@storage/source", ...flags, program, JSON.stringify(parameters)],
    { stdio: ["ignore", "pipe", "inherit", "ipc"] },
  );
}

/** What it prints, as JSON. @throws where it fails. */
export async function reportOf<T>(child: ChildProcess): Promise<T> {
  if (child.stdout === null) throw new Error("the child has no output");
  const [output, [code, signal]] = await Promise.all([text(child.stdout), once(child, "exit")]);
  if (code !== 0) throw new Error(`the child ended with ${code ?? signal}`);
  return JSON.parse(output);
}

export async function runChild<T>(name: string, parameters: object, flags?: readonly string[]): Promise<T> {
  return await reportOf<T>(startChild(name, parameters, flags));
}

/** A figure of the issue that is lowered for the default run: the variable sets another one. */
export function figure(variable: string, otherwise: number): number {
  return Number(process.env[variable] || otherwise);
}
