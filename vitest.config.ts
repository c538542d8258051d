import { existsSync, readdirSync, readFileSync } from "node:fs";
import { defineConfig } from "vitest/config";

interface Manifest {
  readonly name: string;
}

/** Every folder that has tests is a project, so a new package joins by being there. */
const folders = ["packages", "examples"].flatMap((parent) =>
  existsSync(parent) ? readdirSync(parent).map((name) => `${parent}/${name}`) : [],
);
const projects = [...folders.filter((folder) => existsSync(`${folder}/package.json`)), "scripts"];

const nameOf = (folder: string) =>
  folder === "scripts"
    ? folder
    : (JSON.parse(readFileSync(`${folder}/package.json`, "utf8")) as Manifest).name;

export default defineConfig({
  ssr: { resolve: { conditions: ["@storage/source", "module", "node", "import", "default"] } },
  test: {
    projects: projects.map((root) => ({
      extends: true,
      root,
      test: { name: nameOf(root), include: ["test/**/*.test.ts"] },
    })),
  },
});
