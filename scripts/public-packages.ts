import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root: string = fileURLToPath(new URL("..", import.meta.url));

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly engines: { readonly node: string };
  readonly exports: Readonly<Record<string, { readonly import: { readonly default: string } }>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly publishConfig?: { readonly access?: string; readonly provenance?: boolean };
}

export interface PublicPackage {
  readonly folder: string;
  readonly manifest: Manifest;
}

/** Everything under packages/ that is published; a new package is in every check by being there. */
export function publicPackages(): readonly PublicPackage[] {
  return readdirSync(join(root, "packages"))
    .map((name) => join(root, "packages", name))
    .filter((folder) => existsSync(join(folder, "package.json")))
    .map((folder) => ({
      folder,
      manifest: JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest,
    }))
    .filter(({ manifest }) => !manifest.private);
}

const environment = {
  ...process.env,
  PATH: `${join(root, "node_modules/.bin")}${delimiter}${process.env.PATH ?? ""}`,
};

/** Runs a program, the workspace's own first, and returns what it printed; throws with that when it fails. */
export function run(
  command: string,
  parameters: readonly string[],
  folder: string = root,
  more: Readonly<Record<string, string>> = {},
): string {
  const options = { cwd: folder, env: { ...environment, ...more }, encoding: "utf8" } as const;
  const { status, stdout, stderr, error } = spawnSync(command, parameters, options);
  if (status === 0) return stdout;
  throw new Error(`${command} ${parameters.join(" ")} failed\n${error ?? stdout + stderr}`);
}

/** Builds every package and packs it as it would be published: package name -> path of its tarball. */
export function packAll(target: string): ReadonlyMap<string, string> {
  run("turbo", ["run", "build", "--output-logs=errors-only"]);
  mkdirSync(target, { recursive: true });
  return new Map(
    publicPackages().map(({ folder, manifest }) => {
      run("pnpm", ["pack", "--pack-destination", target], folder);
      const file = `${manifest.name.replace("@", "").replace("/", "-")}-${manifest.version}.tgz`;
      return [manifest.name, join(target, file)];
    }),
  );
}
