import type { Files } from "./file-system.ts";
import { nodeFs } from "./node-fs.ts";

/** Linux's local disks, as `statfs` names them: ext, xfs, btrfs, tmpfs, overlay, zfs, f2fs, ramfs, bcachefs. */
const localDisks: readonly number[] = [
  0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x794c7630, 0x2fc12fc1, 0xf2f52010, 0x858458f6, 0xca451a4e,
];

/** Bytes. To close a longer file that was removed meanwhile frees so many blocks that others would wait. */
const quicklyFreed = 2 ** 20;

/**
 * A trip to the thread pool takes ten times as long as what a local disk does, in memory, with a file that is
 * open: there these three calls take no thread. Elsewhere they may ask a server, and a close may send it all that
 * was written; beside syncs a change of times waits for them. What may wait for a disk always has a thread.
 */
export async function withoutThreads(files: Files, path: string, isLasting: boolean): Promise<Files> {
  if (!files.isReal) return files;
  const type = await nodeFs.promises.statfs(path).then(
    (disk) => disk.type >>> 0,
    () => 0,
  );
  if (!localDisks.includes(type)) return files;
  return {
    ...files,
    isLocal: true,
    async close(descriptor, size = 0): Promise<void> {
      if (size > quicklyFreed) await files.close(descriptor);
      else nodeFs.closeSync(descriptor);
    },
    async fstat(descriptor) {
      return nodeFs.fstatSync(descriptor, { bigint: true });
    },
    futimes: isLasting ? files.futimes : setTimes,
  };
}

async function setTimes(descriptor: number, accessed: number, modified: number): Promise<void> {
  nodeFs.futimesSync(descriptor, accessed, modified);
}
