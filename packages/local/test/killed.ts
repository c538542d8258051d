import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { LocalBackend } from "@storage/local";
import { build } from "esbuild";
import { afterAll, expect } from "vitest";
import type { Counted } from "./children/crash-hook.ts";
import type { CrashScenario } from "./crash-scenarios.ts";
import { ownFiles } from "./own-files.ts";
import { type Shown, shown } from "./shown.ts";
import { type ChildEnd, childPath, ended } from "./spawned-child.ts";

const secret = "a secret of this test";

export type Durability = "fsync" | "none";

/** Also the kills, and the scenarios, that can show nothing which others do not show. */
export const everyKill: boolean = process.env.STORAGE_TEST_EVERY_KILL !== undefined;

/** Where a process ends. */
export interface KillPoint {
  readonly at: number;
  readonly when: "before" | "after";
}

let programs: Promise<string> | undefined;

/** The folder of the programs, as plain JavaScript in one file each, which starts in half the time. */
function builtPrograms(): Promise<string> {
  programs ??= buildPrograms();
  return programs;
}

afterAll(async () => {
  if (programs !== undefined) await rm(await programs, { recursive: true, force: true });
});

async function buildPrograms(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "storage-crash-"));
  await build({
    entryPoints: ["crash-hook.ts", "crash.ts"].map(childPath),
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    format: "esm",
    platform: "node",
    conditions: ["@storage/source"],
    logLevel: "error",
  });
  return folder;
}

/** The command that runs a scenario, under the hook that counts and kills. */
export async function crashCommand(
  basePath: string,
  name: string,
  durability: Durability,
): Promise<readonly string[]> {
  const folder = await builtPrograms();
  const hook = join(folder, "crash-hook.mjs");
  return [process.execPath, "--import", hook, join(folder, "crash.mjs"), basePath, name, durability];
}

export async function crash(
  basePath: string,
  name: string,
  durability: Durability,
  point?: KillPoint,
): Promise<ChildEnd> {
  const [node = "", ...parameters] = await crashCommand(basePath, name, durability);
  const kill = point === undefined ? {} : { CRASH_AT: String(point.at), CRASH_WHEN: point.when };
  const env = { ...process.env, ...kill };
  return await ended(spawn(node, parameters, { env, stdio: ["ignore", "pipe", "pipe"] }));
}

/** Of a process that is gone, as its own names tell. */
let deadName: Promise<string> | undefined;

async function leaveOvers(basePath: string): Promise<void> {
  deadName ??= readDeadName();
  const name = await deadName;
  const own = join(basePath, ".storage");
  for (const folder of ["tmp", "lock", "meta/00"]) await mkdir(join(own, folder), { recursive: true });
  for (const number of ["1", "2"]) await writeFile(join(own, "tmp", name + number), "half a body");
  const description = { key: "never", writer: `${name}1`, contentType: "text/x-never" };
  await writeFile(join(own, "meta/00/00aa.1.1"), JSON.stringify(description));
  await writeFile(join(own, "meta/00/00bb.1.1"), '{"key":"ne');
  await symlink(`${name}3`, join(own, "lock/0123"));
}

async function readDeadName(): Promise<string> {
  const { temporaryFolder } = await import("./temporary-folder.ts");
  const basePath = await temporaryFolder();
  await crash(basePath, "a put of bytes", "none", { at: 2, when: "after" });
  const [name = ""] = await ownFiles(basePath, "tmp");
  return name.slice("tmp/".length);
}

/** A folder as it is before the scenario. */
export async function prepared(basePath: string, { before, leftovers }: CrashScenario): Promise<void> {
  const backend = new LocalBackend({ basePath, secret, durability: "none" });
  for (const [key, { body, ...attributes }] of Object.entries(before)) {
    await backend.put(key, body, attributes);
  }
  if (leftovers) await leaveOvers(basePath);
}

/**
 * The points to kill at, from the calls of one run: after each of them, and before each one that was made while
 * another was under way; a kill before any other is the kill after the last one.
 */
export function killPoints(calls: readonly Counted[]): KillPoint[] {
  return calls.flatMap(({ alone }, index) => {
    const at = index + 1;
    const isCovered = alone && index > 0 && !everyKill;
    return isCovered
      ? [{ at, when: "after" }]
      : [
          { at, when: "before" },
          { at, when: "after" },
        ];
  });
}

const byKey = (one: { readonly key: string }, other: { readonly key: string }): number =>
  one.key < other.key ? -1 : 1;

/** What a fresh backend sees: old or new, whole; in listings too; and after a sweep nothing else is left. */
export async function checkAftermath(
  basePath: string,
  { before, after, between }: CrashScenario,
): Promise<"old" | "new" | "both"> {
  const backend = new LocalBackend({ basePath, secret });
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const found: Record<string, Shown> = {};
  for (const key of keys) {
    const object = await shown(backend, key);
    if (object !== undefined) found[key] = object;
  }
  expect([before, after, ...(between ? [between] : [])]).toContainEqual(found);
  const { entries, prefixes } = await backend.listPage();
  const sizes = Object.entries(found).map(([key, { body }]) => ({ key, size: body.length }));
  expect(entries.map(({ key, size }) => ({ key, size }))).toEqual(sizes.sort(byKey));
  expect(prefixes).toEqual([]);
  const folders = new Set(Object.keys(found).flatMap((key) => key.match(/^[^/]+\//)?.slice() ?? []));
  expect((await backend.listPage({ delimiter: "/" })).prefixes).toEqual([...folders].sort());

  await backend.sweep({ olderThan: 0 });
  const described = Object.values(found).filter(({ metadata }) => Object.keys(metadata).length > 0);
  const own = await ownFiles(basePath);
  expect(own.filter((name) => !name.startsWith("meta/"))).toEqual([]);
  expect(own).toHaveLength(described.length);
  for (const key of Object.keys(found)) expect(await shown(backend, key)).toEqual(found[key]);
  if (isDeepStrictEqual(found, before)) return "old";
  return isDeepStrictEqual(found, after) ? "new" : "both";
}
