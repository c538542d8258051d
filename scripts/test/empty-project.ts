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
  npmInstall(project);
}

/**
 * What the manifest names. Npm also asks the registry for optional peers that are not published yet: where it
 * cannot, it is not to wait its minute before each try.
 */
export function npmInstall(project: string): void {
  const quiet = ["--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"];
  run("npm", ["install", ...quiet, "--fetch-retry-mintimeout=500", "--fetch-retry-maxtimeout=2000"], project);
}
