import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root, run } from "../public-packages.ts";

interface Workspace {
  readonly packageManager: string;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const workspace = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Workspace;

test("tests run on the Node that package.json pins, not on the machine's", () => {
  expect(process.versions.node).toBe(workspace.devDependencies.node);
});

test("the pnpm that installs and the pnpm that packs are one version", () => {
  expect(workspace.packageManager).toBe(`pnpm@${workspace.devDependencies.pnpm}`);
  expect(run("pnpm", ["--version"]).trim()).toBe(workspace.devDependencies.pnpm);
});

test("the lockfile names no registry", () => {
  expect(readFileSync(join(root, "pnpm-lock.yaml"), "utf8")).not.toMatch(/https?:\/\/|tarball:/);
});
