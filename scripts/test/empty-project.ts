import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../public-packages.ts";

type Manifest = Readonly<Record<string, unknown>> & {
  readonly dependencies?: Readonly<Record<string, string>>;
};

/** Installs into a project what its manifest names, and these packages of ours from their tarballs. */
export function installInto(
  project: string,
  tarballs: ReadonlyMap<string, string>,
  names: readonly string[],
  manifest: Manifest = { private: true, type: "module" },
): void {
  const ours = Object.fromEntries(names.map((name) => [name, `file:${tarballs.get(name)}`]));
  mkdirSync(project, { recursive: true });
  const dependencies = { ...manifest.dependencies, ...ours };
  writeFileSync(
    join(project, "package.json"),
    JSON.stringify({ ...manifest, dependencies, overrides: ours }),
  );
  run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"], project);
}
