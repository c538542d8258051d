// What the tests' servers are, and which of each. To move one: change it here and in compose.yaml.
import { homedir } from "node:os";
import { join } from "node:path";
import { findProgram, isProgram } from "../programs.ts";

/** Builds the two below. An older Go, from 1.21 on, fetches it through the module proxy. */
export const goToolchain = "go1.26.8";

export const goPrograms = {
  /** The last commit that the module proxy has; MinIO no longer gives out tags or binaries. */
  minio: { module: "github.com/minio/minio", version: "v0.0.0-20260212201848-7aac2a2c5b7c" },
  versitygw: { module: "github.com/versity/versitygw/cmd/versitygw", version: "v1.7.0" },
} as const;

export type GoProgramName = keyof typeof goPrograms;

/** apt has one version a release, so this is the one that we tried: Debian 12's, 16.2.15+ds-0+deb12u2. */
export const triedCeph = "16.2";

/** The folder of a built program: outside of the checkout, another one for each version. */
export function folderOf(name: GoProgramName): string {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
  return join(cache, "storage-test-servers", `${name}-${goPrograms[name].version}-${goToolchain}`);
}

/** The one that we built, or else the one that is on the PATH. */
export function goProgramPath(name: GoProgramName): string | undefined {
  const built = join(folderOf(name), name);
  return isProgram(built) ? built : findProgram(name);
}
