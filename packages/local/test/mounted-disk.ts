import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { promisify } from "node:util";
import { onTestFinished } from "vitest";

const run = promisify(execFile);

export interface MountedDisk {
  readonly path: string;
  /** As `mount -o remount` takes them: "ro". */
  remount(options: string): Promise<void>;
}

/** A disk in memory, mounted on a folder that is made; gone with the test. */
export async function mountedDisk(path: string, options: string): Promise<MountedDisk> {
  await mkdir(path, { recursive: true });
  await run("mount", ["-t", "tmpfs", "-o", options, "tmpfs", path]);
  onTestFinished(async () => {
    await run("umount", [path]).catch(() => run("umount", ["--lazy", path]));
  });
  return {
    path,
    remount: async (changed) => {
      await run("mount", ["-o", `remount,${changed}`, path]);
    },
  };
}
