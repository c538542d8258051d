import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { defineConfig } from "vitest/config";

const root = import.meta.dirname;

/** They stand outside the workspace: tests of their names in scripts/test install and run them. */
const outside = ["custom-adapter", "nest-app"];

/** Every package and example is a project by being there; what concerns the whole repository is "scripts". */
const folders = ["packages", "examples"]
  .flatMap((parent) => readdirSync(join(root, parent)).map((name) => join(root, parent, name)))
  .filter((folder) => existsSync(join(folder, "package.json")) && !outside.includes(basename(folder)));

function nameOf(folder: string): string {
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    readonly name: string;
  };
  return manifest.name;
}

const scripts = join(root, "scripts");
const everyTest = ["test/**/*.test.ts"];

/** Each builds and packs all packages, so one at a time: a build clears away what another one packs. */
const packing = [...outside, "packed"].map((name) => `test/${name}.test.ts`);

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
