import { resolve, sep } from "node:path";
import { Backend, type BackendOptions, checkOptionNames } from "@storage/core";
import { LocalDriver } from "./driver.ts";
import { storageError } from "./errors.ts";
import type { FileSystem } from "./file-system.ts";
import { mountCheck } from "./mount-point.ts";
import { partStoreOf } from "./part-store.ts";
import { diskOf } from "./store.ts";

export interface LocalBackendOptions extends BackendOptions {
  /** The folder that holds the objects; made by the first write. */
  readonly basePath: string;
  /**
   * A folder that has to be there already, such as a volume's mount point: `basePath` or one above it. It
   * is never made, and while it is missing every call is an UnavailableError. Default: none.
   */
  readonly mountPoint?: string | undefined;
  /** Where a handler serves the files. Default: http://localhost:8000/files. */
  readonly baseUrl?: string | undefined;
  /** At least 16 bytes; the first of several signs, all verify. Default: a random one, with a warning. */
  readonly secret?: string | readonly string[] | undefined;
  /**
   * "fsync": what a put reports as stored survives a power cut. "none": it survives the process, and
   * costs a fraction. Default: "fsync".
   */
  readonly durability?: "fsync" | "none" | undefined;
  /** Permissions of new files, less the umask; folders get search permission beside read. Default: 0o666. */
  readonly mode?: number | undefined;
  /** Another file system with the callbacks of `node:fs`, such as memfs. Default: `node:fs`. */
  readonly fs?: FileSystem | undefined;
}

const isPath = (value: unknown): boolean => typeof value === "string" && /^[^\0]+$/.test(value);

/** By segments: /data2 does not lie in /data. */
function isIn(path: string, folder: string): boolean {
  const whole = resolve(folder);
  return `${resolve(path)}${sep}`.startsWith(whole.endsWith(sep) ? whole : whole + sep);
}

const optionNames = ["basePath", "mountPoint", "baseUrl", "secret", "durability", "mode", "fs"];

/**
 * Plain files under `basePath`, which other programs can read and back up. Everything of ours lies in
 * `basePath/.storage`.
 */
export class LocalBackend extends Backend {
  /** @throws ConfigurationError for an option that is unknown or makes no sense. */
  constructor(options: LocalBackendOptions) {
    checkOptionNames(options, optionNames);
    const { basePath, mountPoint = basePath, durability = "fsync", mode = 0o666, fs } = options;
    const checks: readonly (readonly [isRight: boolean, rule: string])[] = [
      [isPath(basePath), "basePath is the path of a folder"],
      [
        [basePath, mountPoint].every(isPath) && isIn(basePath, mountPoint),
        "basePath lies in mountPoint, the path of a folder",
      ],
      [["fsync", "none"].includes(durability), 'durability is "fsync" or "none"'],
      [Number.isInteger(mode) && mode >= 0 && mode <= 0o777, "mode is permission bits, such as 0o640"],
    ];
    for (const [isRight, rule] of checks) if (!isRight) throw storageError("Configuration", rule);
    const disk = diskOf({ mountPoint: options.mountPoint && resolve(mountPoint), durability, mode, fs });
    const place = { basePath: resolve(basePath), disk, checkMount: mountCheck(disk) };
    const settings = { ...place, baseUrl: options.baseUrl, secret: options.secret, backend: () => this };
    // A disk is no service that has to answer in time: the copy of a large file takes as long as it takes.
    const timeouts = { ...options.timeouts, headers: options.timeouts?.headers ?? 0 };
    const shared = { ...options, timeouts };
    super(new LocalDriver({ ...settings, parts: partStoreOf(settings, shared) }), shared);
  }
}
