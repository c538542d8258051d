// What some tests need beyond Node. A test asks with `describe.skipIf(!available("chromium"))`;
// STORAGE_TEST_REQUIRE (names with commas between) turns the absence of what it names into a failure.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findProgram, isProgram } from "./programs.ts";
import { endpointVariable, type S3ServiceName } from "./s3-service.ts";

export type RequirementName =
  | "chromium"
  | "strace"
  | "rsync"
  | "curl"
  | "second-uid"
  | "tmpfs"
  | S3ServiceName;

interface Requirement {
  /** What to tell somebody who does not have it. */
  readonly hint: string;
  readonly detect: () => boolean;
}

/** The browser for page tests: $CHROMIUM_PATH, or the first that is on the PATH. */
export function chromiumPath(): string | undefined {
  const chosen = process.env.CHROMIUM_PATH;
  return chosen || findProgram("chromium", "chromium-browser", "google-chrome");
}

const succeeds = (command: string, ...parameters: readonly string[]): boolean =>
  spawnSync(command, parameters, { stdio: "ignore" }).status === 0;

function canMountTmpfs(): boolean {
  const folder = mkdtempSync(join(tmpdir(), "storage-tmpfs-"));
  try {
    return succeeds("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder) && succeeds("umount", folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

// Asked by a process of its own: who asks for a requirement does so where nothing can be awaited.
const ask = "fetch(process.argv[1]).then(({ status }) => process.exit(status < 500 ? 0 : 1))";

const s3Requirement = (name: S3ServiceName): Requirement => ({
  hint: `\`npm run services\` gets it, \`npm test\` starts it; or name one in ${endpointVariable(name)}`,
  detect: () => {
    const endpoint = process.env[endpointVariable(name)];
    if (!endpoint) return false;
    return (
      spawnSync(process.execPath, ["-e", ask, endpoint], { stdio: "ignore", timeout: 10_000 }).status === 0
    );
  },
});

const requirements: Record<RequirementName, Requirement> = {
  chromium: {
    hint: "install Chromium, or name one in CHROMIUM_PATH",
    detect: () => isProgram(chromiumPath() ?? ""),
  },
  strace: {
    hint: "install strace; in a container, allow ptrace",
    detect: () => succeeds("strace", "-o", "/dev/null", "true"),
  },
  rsync: { hint: "install rsync", detect: () => succeeds("rsync", "--version") },
  curl: { hint: "install curl 7.84 or later", detect: () => succeeds("curl", "--version") },
  "second-uid": {
    hint: "run as root, from a folder that every user may enter",
    detect: () => spawnSync(process.execPath, ["-e", "0"], { uid: 65534, stdio: "ignore" }).status === 0,
  },
  tmpfs: { hint: "run as root; in a container, allow mounts", detect: canMountTmpfs },
  minio: s3Requirement("minio"),
  radosgw: s3Requirement("radosgw"),
  versitygw: s3Requirement("versitygw"),
};

export const requirementNames: readonly RequirementName[] = Object.keys(requirements) as RequirementName[];

export const hintFor = (name: RequirementName): string => requirements[name].hint;

/** The names in STORAGE_TEST_REQUIRE; an unknown one throws, so that a typing error hides nothing. */
export function requiredNames(): readonly RequirementName[] {
  const names = (process.env.STORAGE_TEST_REQUIRE ?? "").split(",").map((name) => name.trim());
  return names.filter(Boolean).map((name) => {
    const known = requirementNames.find((candidate) => candidate === name);
    if (known) return known;
    throw new Error(`STORAGE_TEST_REQUIRE: "${name}" is none of ${requirementNames.join(", ")}`);
  });
}

const detected = new Map<RequirementName, boolean>();

/** Whether tests that need it can run here. Throws where STORAGE_TEST_REQUIRE insists and it is absent. */
export function available(name: RequirementName): boolean {
  const found = detected.get(name) ?? requirements[name].detect();
  detected.set(name, found);
  if (!found && requiredNames().includes(name)) {
    throw new Error(`STORAGE_TEST_REQUIRE names ${name}, which is not available: ${hintFor(name)}`);
  }
  return found;
}
