// What some tests need beyond Node. A test asks with `describe.skipIf(!available("chromium"))`;
// STORAGE_TEST_REQUIRE (names with commas between) turns the absence of what it names into a failure.
import { spawnSync } from "node:child_process";
import { accessSync, constants, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

export type RequirementName = "chromium" | "strace" | "rsync" | "second-uid" | "tmpfs";

interface Requirement {
  /** What to tell somebody who does not have it. */
  readonly hint: string;
  readonly detect: () => boolean;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function findProgram(...names: readonly string[]): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isProgram);
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
  "second-uid": {
    hint: "run as root, from a folder that every user may enter",
    detect: () => spawnSync(process.execPath, ["-e", "0"], { uid: 65534, stdio: "ignore" }).status === 0,
  },
  tmpfs: { hint: "run as root; in a container, allow mounts", detect: canMountTmpfs },
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
