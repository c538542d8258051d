import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { Environment } from "@storage/auto";
import { onTestFinished } from "vitest";

const run = promisify(execFile);
const packages = join(import.meta.dirname, "../..");

export interface Application {
  readonly folder: string;
  /** Runs a module in which `easyStorage` is there and `tell(value)` gives what comes back, in a Node of its own. */
  run(statements: string, env?: Environment): Promise<unknown>;
}

/**
 * An empty project with our sources, and of other packages those that are named. What is handed in stands
 * for a package of that name: the statements of its module.
 */
export async function application(
  installed: readonly string[] = [],
  standIns: Readonly<Record<string, string>> = {},
): Promise<Application> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "storage-application-")));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await cp(join(packages, "auto/src"), join(folder, "auto"), { recursive: true });
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  await mkdir(join(folder, "node_modules/@storage"), { recursive: true });
  for (const name of ["core", ...installed])
    await symlink(join(packages, name), join(folder, "node_modules/@storage", name));
  for (const [name, statements] of Object.entries(standIns)) {
    const file = join(folder, "node_modules", name, "index.js");
    await mkdir(dirname(file), { recursive: true });
    await writeFile(join(dirname(file), "package.json"), '{ "type": "module", "exports": "./index.js" }');
    await writeFile(file, statements);
  }
  return {
    folder,
    run: async (statements, env = {}) => {
      const program = `
        const tell = (value) => console.log(JSON.stringify(value ?? null));
        ${statements}`;
      await writeFile(join(folder, "main.js"), program);
      const parameters = ["--conditions=@storage/source", "--no-warnings", "main.js"];
      const { stdout } = await run(process.execPath, parameters, { cwd: folder, env: { ...env } });
      return JSON.parse(stdout);
    },
  };
}

/** Statements that give `easyStorage` and `failure`: what a call fails with, or "works". */
export const easily = `
  const { easyStorage } = await import("./auto/index.ts");
  const quiet = { log: () => undefined };
  const failure = (call) => call.then(() => "works", ({ name, code, message, cause }) => ({ name, code, message, cause }));`;
