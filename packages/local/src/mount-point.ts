import { dirname } from "node:path";
import type { StorageError } from "@storage/core";
import { storageError } from "./errors.ts";
import type { FileStats } from "./file-system.ts";
import { unless } from "./files.ts";
import type { Disk } from "./store.ts";

export function notMounted(): StorageError {
  return storageError("Unavailable", "the folder of mountPoint is not there: mount the volume");
}

/**
 * Proves that the folder is there which has to be; undefined where none has to. One that was a disk of its
 * own stays one: when its volume goes, a bare folder is left that looks like an empty store.
 *
 * @throws UnavailableError
 */
export function mountCheck({ files, mountPoint }: Disk): (() => Promise<void>) | undefined {
  if (mountPoint === undefined) return undefined;
  const look = (path: string): Promise<FileStats | undefined> =>
    unless(["ENOENT", "ENOTDIR"], files.stat(path));
  let wasDisk = false;
  return async () => {
    const [folder, above] = await Promise.all([look(mountPoint), look(dirname(mountPoint))]);
    const isDisk = folder?.dev !== above?.dev;
    if (!folder?.isDirectory() || (wasDisk && !isDisk)) throw notMounted();
    wasDisk = isDisk;
  };
}
