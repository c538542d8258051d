// The NestJS example, with the tests that `nest new` sets up, against our tarballs.
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { packAll, publicPackages, root, run } from "../public-packages.ts";
import { installInto } from "./empty-project.ts";

const example = join(root, "examples/nest-app");
const work = mkdtempSync(join(tmpdir(), "storage-nest-"));
afterAll(() => rmSync(work, { recursive: true, force: true }));

const project = join(work, "nest-app");

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
}

/** What the example uses, and what that stands on. */
const ours = publicPackages()
  .map(({ manifest }) => manifest.name)
  .filter((name) => /\/(auto|core|express|http|local|memory)$/.test(name));

beforeAll(() => {
  const tarballs = packAll(join(work, "tarballs"));
  cpSync(example, project, { recursive: true, filter: (path) => !path.includes("node_modules") });
  const manifest = JSON.parse(readFileSync(join(example, "package.json"), "utf8")) as Manifest;
  const { dependencies, ...others } = manifest;
  const theirs = Object.entries(dependencies).filter(([name]) => !name.startsWith("@storage/"));
  installInto(project, tarballs, ours, { ...others, dependencies: Object.fromEntries(theirs) });
}, 400_000);

test("it compiles", { timeout: 120_000 }, () => {
  expect(run("npm", ["run", "--silent", "build"], project)).toBe("");
});

test.each([
  ["unit tests", "test"],
  ["tests through HTTP", "test:e2e"],
])("its %s pass in its own Jest", { timeout: 240_000 }, (_name, script) => {
  run("npm", ["run", "--silent", script, "--", "--json", "--outputFile=report.json"], project);
  const report = JSON.parse(readFileSync(join(project, "report.json"), "utf8")) as {
    readonly numPassedTests: number;
    readonly numTotalTests: number;
  };
  expect(report.numPassedTests).toBe(report.numTotalTests);
  expect(report.numTotalTests).toBeGreaterThan(1);
});
