import { mkdtemp, open, rm, rmdir, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ObstacleError } from "./obstacle-error.ts";
import { runCommand } from "./run-script.ts";

export interface SmallDiskOptions {
  /** Default: 1 MiB. Rounded up to a page, 4 KiB on most machines. */
  readonly bytes?: number | undefined;
  /** How many files, folders and links it holds, its root counted. Default: as many as fit. */
  readonly inodes?: number | undefined;
}

/** Why no disk can be mounted here; undefined where one can. */
export async function smallDiskObstacle(): Promise<string | undefined> {
  try {
    await using _ = await SmallDisk.mount();
    return undefined;
  } catch (error) {
    return error instanceof ObstacleError ? error.obstacle : String(error);
  }
}

/**
 * A disk in memory that is soon full, or read-only: a tmpfs of Linux, which every user may write to. A process that
 * dies before `close` leaves it mounted, as `storage-disk-*` in the system's folder for temporary files.
 */
export class SmallDisk implements AsyncDisposable {
  /** The folder where it is mounted. */
  readonly path: string;
  #isMounted = true;

  private constructor(path: string) {
    this.path = path;
  }

  /** ObstacleError where this machine cannot: no Linux, no root, a container without mounts. */
  static async mount({ bytes = 2 ** 20, inodes }: SmallDiskOptions = {}): Promise<SmallDisk> {
    if (process.platform !== "linux") throw new ObstacleError("a tmpfs needs Linux");
    const path = await mkdtemp(join(tmpdir(), "storage-disk-"));
    const terms = `size=${bytes}${inodes === undefined ? "" : `,nr_inodes=${inodes}`}`;
    try {
      await mount("-t", "tmpfs", "-o", terms, "tmpfs", path);
    } catch (error) {
      await rmdir(path);
      throw error;
    }
    return new SmallDisk(path);
  }

  /**
   * Takes all the room that is left, save for so many bytes or inodes, in files at its root.
   * Returns what gives it back.
   */
  async fill(what: "bytes" | "inodes" = "bytes", leave = 0): Promise<() => Promise<void>> {
    const made = what === "bytes" ? await this.#fillBytes(leave) : await this.#fillInodes(leave);
    return async () => {
      for (const path of made) await rm(path, { force: true });
    };
  }

  /** Rejects where "read-only" finds a file that is open for writing. */
  async remount(mode: "read-only" | "read-write"): Promise<void> {
    await mount("-o", `remount,${mode === "read-only" ? "ro" : "rw"}`, this.path);
  }

  /** All that it holds is gone. A second call does nothing. */
  async close(): Promise<void> {
    if (!this.#isMounted) return;
    this.#isMounted = false;
    const { code } = await runCommand(["umount", this.path], {});
    if (code !== 0) await runCommand(["umount", "--lazy", this.path], {});
    await rmdir(this.path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #fillBytes(leave: number): Promise<string[]> {
    const path = join(this.path, "filling");
    let size = 0;
    const file = await open(path, "w");
    try {
      await untilFull(async () => {
        size += (await file.write(new Uint8Array(4096))).bytesWritten;
      });
    } finally {
      await file.close();
    }
    await truncate(path, Math.max(0, size - leave));
    return [path];
  }

  async #fillInodes(leave: number): Promise<string[]> {
    const made: string[] = [];
    await untilFull(async () => {
      const path = join(this.path, `filling-${made.length}`);
      await writeFile(path, "");
      made.push(path);
    });
    for (const path of made.splice(0, leave)) await rm(path);
    return made;
  }
}

async function untilFull(write: () => Promise<void>): Promise<void> {
  try {
    for (;;) await write();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
  }
}

async function mount(...parameters: readonly string[]): Promise<void> {
  const missing = new ObstacleError("there is no mount program");
  const { code, complaints } = await runCommand(["mount", ...parameters], {}).catch(() =>
    Promise.reject(missing),
  );
  if (code === 0) return;
  const hint = process.getuid?.() === 0 ? "in a container, allow mounts" : "run it as root";
  throw new ObstacleError(`${hint} (${complaints.trim()})`);
}
