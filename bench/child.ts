import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** So that a child spends neither time nor memory on stripping types, the second time that it runs. */
let compiled: string | undefined;

export function keepCompiled(folder: string): void {
  compiled = folder;
}

/** Runs a program of ours in a fresh process. It is handed its task as JSON, and answers with JSON. */
export async function askChild<Answer>(program: string, task: unknown): Promise<Answer> {
  const { stdout } = await run(
    process.execPath,
    ["--expose-gc", `${import.meta.dirname}/children/${program}.ts`, JSON.stringify(task)],
    { env: { ...process.env, ...(compiled && { NODE_COMPILE_CACHE: compiled }) } },
  );
  return JSON.parse(stdout);
}
