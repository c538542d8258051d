import { rm } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { LocalBackend } from "@storage/local";
import { describe, expect, test } from "vitest";
import type { Counted } from "./children/crash-hook.ts";
import { type CrashScenario, crashScenarios } from "./crash-scenarios.ts";
import {
  checkAftermath,
  crash,
  type Durability,
  everyKill,
  type KillPoint,
  killPoints,
  prepared,
} from "./killed.ts";
import { ownFiles } from "./own-files.ts";
import { shown } from "./shown.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** Processes at once. */
const width = 4;

/** How many of the kills left what. */
type Tally = Record<"old" | "new" | "both", number>;

async function killAtEach(name: string, scenario: CrashScenario, durability: Durability): Promise<Tally> {
  const folder = await temporaryFolder();
  const whole = join(folder, "whole");
  await prepared(whole, scenario);
  const end = await crash(whole, name, durability);
  if (end.code !== 0) throw new Error(end.complaints);
  expect(await checkAftermath(whole, { ...scenario, before: scenario.after, between: scenario.after })).toBe(
    "old",
  );
  const calls = JSON.parse(end.output) as Counted[];
  const points = killPoints(calls);
  const tally: Tally = { old: 0, new: 0, both: 0 };
  const worker = async (): Promise<void> => {
    for (let point = points.shift(); point !== undefined; point = points.shift()) {
      tally[await killAt(join(folder, `${point.at}-${point.when}`), name, durability, point)]++;
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
  return tally;
}

function scenarioOf(name: string): CrashScenario {
  const scenario = crashScenarios[name];
  if (scenario === undefined) throw new Error(`there is no scenario "${name}"`);
  return scenario;
}

async function killAt(basePath: string, name: string, durability: Durability, point: KillPoint) {
  const scenario = scenarioOf(name);
  await prepared(basePath, scenario);
  const { code, signal, complaints } = await crash(basePath, name, durability, point);
  if (code !== null && code !== 0) throw new Error(complaints);
  expect(signal).toBe("SIGKILL");
  try {
    return await checkAftermath(basePath, scenario);
  } catch (cause) {
    throw new Error(`killed ${point.when} call ${point.at}`, { cause });
  } finally {
    await rm(basePath, { recursive: true, force: true });
  }
}

/** Without syncs the other calls come in the same order: some of the scenarios stand for all. */
const withoutSync = new Set([
  "the first put on a backend",
  "a put under a nested key with metadata",
  "a compare-and-swap",
  "a move over another object",
  "a delete",
]);

const all = Object.entries(crashScenarios);

describe.each([
  { durability: "fsync" as const, scenarios: all },
  { durability: "none" as const, scenarios: all.filter(([name]) => everyKill || withoutSync.has(name)) },
])("killed at each file-system call ($durability)", ({ durability, scenarios }) => {
  test.each(scenarios)("%s leaves old or new, whole", { timeout: 120_000 }, async (name, scenario) => {
    const tally = await killAtEach(name, scenario, durability);
    if (everyKill)
      console.log(`${durability}, ${name}: ${tally.old} old, ${tally.new} new, ${tally.both} both`);
    expect(tally.old).toBeGreaterThan(0);
    if (!isDeepStrictEqual(scenario.before, scenario.after)) expect(tally.new).toBeGreaterThan(0);
    if (scenario.between !== undefined) expect(tally.both).toBeGreaterThan(0);
  });
});

describe("a killed holder of a lock", () => {
  const holders = [
    { name: "a compare-and-swap", commit: "rename", key: "key" },
    { name: "a create-only put", commit: "link", key: "a/key" },
  ];

  test("delays the next one by at most 10 s", { timeout: 60_000 }, async () => {
    const folder = await temporaryFolder();
    const delays = holders.map(async ({ name, commit, key }) => {
      const basePath = join(folder, name);
      const scenario = scenarioOf(name);
      await prepared(join(folder, "counted", name), scenario);
      const { output } = await crash(join(folder, "counted", name), name, "none");
      const at = (JSON.parse(output) as Counted[]).findIndex((call) => call.name === commit) + 1;
      await prepared(basePath, scenario);
      await crash(basePath, name, "none", { at, when: "before" });
      expect(await ownFiles(basePath, "lock")).toHaveLength(1);

      const backend = new LocalBackend({ basePath, secret: "a secret of this test" });
      const found = await shown(backend, key);
      const condition =
        found === undefined
          ? { ifNoneMatch: "*" as const }
          : { ifMatch: (await backend.getMetadata(key)).etag };
      const started = performance.now();
      await backend.put(key, "next", condition);
      expect(await ownFiles(basePath, "lock")).toEqual([]);
      return performance.now() - started;
    });
    for (const delay of await Promise.all(delays)) expect(delay).toBeLessThan(10_000);
  });
});
