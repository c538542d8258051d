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

const projects = [
  ...folders.map((folder) => ({ name: nameOf(folder), folder })),
  { name: "scripts", folder: join(root, "scripts") },
];

export default defineConfig({
  ssr: { resolve: { conditions: ["@storage/source", "module", "node", "import", "default"] } },
  test: {
    // A busy machine with two cores is slow, and that is no failure.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: projects.map(({ name, folder }) => ({
      extends: true,
      root: folder,
      test: { name, include: ["test/**/*.test.ts"] },
    })),
  },
});
