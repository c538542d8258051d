import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "vitest/config";

const root = import.meta.dirname;

/**
 * Every package and example is a project by being there; what concerns the whole repository is "scripts".
 * `custom-adapter` stands outside the workspace: scripts/test/custom-adapter.test.ts installs and runs it.
 */
const folders = ["packages", "examples"]
  .flatMap((parent) => readdirSync(join(root, parent)).map((name) => join(root, parent, name)))
  .filter((folder) => existsSync(join(folder, "package.json")) && !folder.endsWith("custom-adapter"));

function nameOf(folder: string): string {
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    readonly name: string;
  };
  return manifest.name;
}

const scripts = join(root, "scripts");
const everyTest = ["test/**/*.test.ts"];

/** Each builds and packs all packages, so one at a time: a build clears away what another one packs. */
const packing = ["test/custom-adapter.test.ts", "test/packed.test.ts"];

const projects = [
  ...folders.map((folder) => ({ folder, test: { name: nameOf(folder), include: everyTest } })),
  { folder: scripts, test: { name: "scripts", include: everyTest, exclude: packing } },
  { folder: scripts, test: { name: "tarballs", include: packing, fileParallelism: false } },
];

export default defineConfig({
  ssr: { resolve: { conditions: ["@storage/source", "node"] } },
  test: {
    // A busy machine with two cores is slow, and that is no failure.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: projects.map(({ folder, test }) => ({ extends: true, root: folder, test })),
  },
});
