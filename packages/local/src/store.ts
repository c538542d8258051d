import { dirname } from "node:path";
import type { StorageError } from "@storage/core";
import { notFound, storageError } from "./errors.ts";
import type { FileStats, FileSystem, Files } from "./file-system.ts";
import { errorCode, filesOf, toSyncFolder, unless, withFile } from "./files.ts";
import { notMounted } from "./mount-point.ts";
import { Stamps } from "./stamp.ts";
import { withoutThreads } from "./without-threads.ts";

export const reservedName = ".storage";

export interface DiskSettings {
  /** Absolute. */
  readonly mountPoint?: string | undefined;
  readonly durability: "fsync" | "none";
  readonly mode: number;
  readonly fs?: FileSystem | undefined;
}

/** Where on a disk a store lies. */
export interface Place {
  /** Absolute, and `mountPoint` or below it. */
  readonly basePath: string;
  /** Of a store in a folder of our own: the `basePath` whose that is. */
  readonly within?: string | undefined;
}

/** A file system, and how we write to it. */
export interface Disk {
  readonly files: Files;
  readonly isLasting: boolean;
  /** Of new files. */
  readonly mode: number;
  /** What is never made. */
  readonly mountPoint: string | undefined;
}

/** An opened `basePath`: what all that works there shares. */
export interface Store extends Disk {
  /** The real path of `basePath`, without a slash at its end. */
  readonly root: string;
  /** The folder of all that is ours. */
  readonly own: string;
  /** Whether a descriptor has a path, which stays what it is whatever becomes of the file's name. */
  readonly byDescriptor: boolean;
  readonly stamps: Stamps;
  /** The locks that are held here, or asked for: by one call each. */
  readonly locked: Set<string>;
  /** Whether the disk takes two spellings of a name for one; undefined until that was seen. */
  folds: boolean | undefined;
}

export function diskOf({ fs, durability, mode, mountPoint }: DiskSettings): Disk {
  return { files: filesOf(fs), isLasting: durability === "fsync", mode, mountPoint };
}

/** @throws FileNotFoundError while `basePath` is not there. */
export async function openStore(disk: Disk, { basePath, within }: Place): Promise<Store> {
  const { files } = disk;
  const path = await unless(["ENOENT", "ENOTDIR"], files.realpath(basePath));
  if (path === undefined) throw notFound();
  if (within !== undefined && path !== (await files.realpath(within)) + basePath.slice(within.length))
    throw linkedOwn();
  const root = path === "/" ? "" : path;
  const byDescriptor =
    files.isReal &&
    process.platform === "linux" &&
    (await unless(["ENOENT", "EACCES"], files.stat("/proc/self/fd"))) !== undefined;
  const own = `${root}/${reservedName}`;
  const store = {
    ...disk,
    mountPoint: disk.mountPoint && (await files.realpath(disk.mountPoint)),
    files: await withoutThreads(files, path, disk.isLasting),
    root,
    own,
    byDescriptor,
    stamps: new Stamps(),
    locked: new Set<string>(),
    folds: undefined,
  };
  await checkOwn(store);
  return store;
}

/** Makes `basePath`. @throws ConfigurationError where something that is no folder stands there. */
export async function makeRoot(disk: Disk, { basePath, within }: Place): Promise<void> {
  if (within !== undefined && (await disk.files.look(dirname(basePath)))?.isSymbolicLink()) throw linkedOwn();
  await makeAll(disk, basePath);
}

/**
 * Makes `basePath`, though not what has to be there already.
 *
 * @throws ConfigurationError where something that is no folder stands there. @throws UnavailableError
 */
async function makeAll(disk: Disk, path: string): Promise<void> {
  const find = (): Promise<FileStats | undefined> => unless(["ENOENT", "ENOTDIR"], disk.files.stat(path));
  let found = await find();
  if (found === undefined) {
    if (path === disk.mountPoint) throw notMounted();
    await makeAll(disk, dirname(path));
    await makeFolder(disk, path);
    found = await find();
  }
  if (!found?.isDirectory()) throw storageError("Configuration", "basePath, or a part of it, is no folder");
}

/** The folders of our own, which a first write needs; all of them may have been removed since. */
export async function prepare(store: Store): Promise<void> {
  await makeAll(store, store.root || "/");
  await checkOwn(store, makeFolder);
}

/** Behind a link we would sweep, and write, what is not ours. @throws ConfigurationError */
async function checkOwn(store: Store, make?: typeof makeFolder): Promise<void> {
  for (const name of ["", "/tmp", "/lock", "/meta"]) {
    const path = store.own + name;
    await make?.(store, path);
    const stats = await unless(["EACCES"], store.files.look(path));
    if (stats !== undefined && !stats.isDirectory()) throw linkedOwn();
  }
}

function linkedOwn(): StorageError {
  return storageError("Configuration", `${reservedName} in basePath has to be a folder, and no link`);
}

/** Does what needs a folder of our own, and again when that was missing and is made; `group` is a folder in one. */
export function preparing<T>(store: Store, work: () => Promise<T>, group?: string): Promise<T> {
  return work().catch(async (error: unknown) => {
    if (errorCode(error) !== "ENOENT") throw error;
    await prepare(store);
    if (group !== undefined) await makeFolder(store, group);
    return await work();
  });
}

/** Where there is none. Who may read a file may search its folder. */
export async function makeFolder(disk: Disk, path: string): Promise<void> {
  const mode = disk.mode | ((disk.mode & 0o444) >> 2) | 0o700;
  if (await disk.files.mkdir(path, mode)) await syncFolder(disk, dirname(path));
}

/** Makes what was written to a file last. */
export async function syncFile({ files, isLasting }: Disk, descriptor: number): Promise<void> {
  if (isLasting) await files.fsync(descriptor);
}

/** Makes names in a folder last. */
export async function syncFolder({ files, isLasting }: Disk, folder: string): Promise<void> {
  if (isLasting)
    await withFile(files, files.open(folder, toSyncFolder), (descriptor) => syncOpen(files, descriptor));
}

/**
 * Runs a change in a folder, and makes it last. The folder is opened before, so that afterwards nothing can
 * fail but the sync itself; then nobody knows whether the change would survive a power cut.
 */
export async function changing<T>(disk: Disk, folder: string, change: () => Promise<T>): Promise<T> {
  const { files, isLasting } = disk;
  if (!isLasting) return await change();
  return await withFile(files, files.open(folder, toSyncFolder), async (descriptor) => {
    const done = await change();
    await syncOpen(files, descriptor).catch(unproven);
    return done;
  });
}

/** Some network and FUSE disks, and Windows (EPERM), cannot sync a folder: there is nothing more to be done. */
async function syncOpen(files: Files, descriptor: number): Promise<void> {
  const refusals = ["EINVAL", "ENOTSUP", "EOPNOTSUPP", ...(process.platform === "win32" ? ["EPERM"] : [])];
  await unless(refusals, files.fsync(descriptor));
}

/** Not to be tried again: the change was made. */
function unproven(cause: unknown): never {
  const reason = `done, but not proven to survive a power cut (${errorCode(cause)})`;
  throw storageError("Unavailable", reason, { outcome: "unknown", retryable: false });
}
