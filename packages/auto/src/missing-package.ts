import { access } from "node:fs/promises";
import { dirname, join } from "node:path";
import { MissingDependencyError } from "@storage/core";
import { type Environment, readVariable } from "./environment.ts";
import type { Picked } from "./picked.ts";

const commands: Readonly<Record<string, string>> = {
  npm: "npm install",
  pnpm: "pnpm add",
  yarn: "yarn add",
  bun: "bun add",
};

const lockfiles: readonly (readonly [file: string, manager: string])[] = [
  ["pnpm-lock.yaml", "pnpm"],
  ["yarn.lock", "yarn"],
  ["bun.lock", "bun"],
  ["bun.lockb", "bun"],
  ["package-lock.json", "npm"],
];

/**
 * What to tell where a package is not there; undefined where it is, and something else failed. The cause
 * is left out: its message shows paths.
 */
export async function missingPackage(
  error: unknown,
  { backend, reason, env }: Picked,
): Promise<MissingDependencyError | undefined> {
  const name = `@storage/${backend}`;
  if (!isAbsence(error, name)) return undefined;
  const manager = managerThatRuns(env) ?? (await managerOfFolder(process.cwd())) ?? "npm";
  return new MissingDependencyError(`${reason}, and ${name} is not installed: ${commands[manager]} ${name}`);
}

/**
 * By its message, since the codes do not say which package is missing, and bundlers' stand-ins have none:
 * Node ("Cannot find package", and "module" for `require`, as webpack and Jest say it), and Vite's module
 * in place of an absent optional peer. A package that is missing something of its own is quoted by that name.
 */
function isAbsence(error: unknown, name: string): boolean {
  const { message } = Object(error);
  return new RegExp(`(?:Cannot find (?:package|module)|Could not resolve) ["']${name}["']`).test(
    String(message),
  );
}

/** The one whose script runs this process. */
function managerThatRuns(env: Environment): string | undefined {
  const agent = readVariable(env, "npm_config_user_agent") ?? "";
  const manager = agent.slice(0, Math.max(0, agent.indexOf("/")));
  return Object.hasOwn(commands, manager) ? manager : undefined;
}

/** By the nearest lockfile, from here upwards. */
async function managerOfFolder(folder: string): Promise<string | undefined> {
  for (const [file, manager] of lockfiles) if (await isThere(join(folder, file))) return manager;
  const above = dirname(folder);
  return above === folder ? undefined : await managerOfFolder(above);
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
