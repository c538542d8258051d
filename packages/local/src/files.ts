import type { Bytes } from "@storage/core";
import type { FileSystem, Files } from "./file-system.ts";
import { nodeFs } from "./node-fs.ts";
import { type Method, type Promised, promised } from "./promised.ts";

const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK } = nodeFs.constants;
const { COPYFILE_EXCL, COPYFILE_FICLONE_FORCE } = nodeFs.constants;
/** Linux only, and not in Node's constants: a descriptor that merely names a file (open(2)). */
const O_PATH = 0o10000000;

export const toRead: number = O_RDONLY;
/** A file that may be none: nothing waits for a pipe. */
export const toReadAny: number = O_RDONLY | O_NONBLOCK;
export const toReadNoLink: number = O_RDONLY | O_NONBLOCK | O_NOFOLLOW;
export const toCreate: number = O_WRONLY | O_CREAT | O_EXCL;
export const toSyncFolder: number = O_RDONLY | O_DIRECTORY;
export const toNameFolder: number = O_PATH | O_DIRECTORY;
export const toNameFile: number = O_PATH | O_NOFOLLOW;

/** Node refuses 2 GiB and more at once, and after an abort much is long to wait for. */
const longestWrite = 64 * 1024 * 1024;

/** By file descriptor: a `FileHandle` costs more than the system call that it wraps, and one that is forgotten warns. */
export function filesOf(given: FileSystem | undefined): Files {
  const fs: FileSystem = given ?? nodeFs;
  const call = (method: Method, ...options: readonly unknown[]): Promised => promised(fs, method, ...options);
  const isFree = (method: Method) => {
    const make = call(method);
    return (...parameters: unknown[]) => succeeds(["EEXIST"], make(...parameters));
  };
  const bigint = { bigint: true };
  const open = call(fs.open);
  const close = call(fs.close);
  const write = call(fs.write);
  const lstat = call(fs.lstat, bigint);
  const readdir = call(fs.readdir);
  const unlink = call(fs.unlink);
  return {
    isReal: given === undefined,
    isLocal: false,
    open: (path, flags, mode = 0) => open(path, flags, mode),
    close: (descriptor) => close(descriptor),
    read: call(fs.read),
    async write(descriptor: number, bytes: Bytes, position: number, signal?: AbortSignal): Promise<void> {
      for (let offset = 0; offset < bytes.length; ) {
        signal?.throwIfAborted();
        const length = Math.min(bytes.length - offset, longestWrite);
        offset += await write(descriptor, bytes, offset, length, position + offset);
      }
    },
    fsync: call(fs.fsync),
    fstat: call(fs.fstat, bigint),
    look: (path) => ifThere(lstat(path)),
    stat: call(fs.stat, bigint),
    futimes: call(fs.futimes),
    lutimes: call(fs.lutimes),
    rename: call(fs.rename),
    link: isFree(fs.link),
    remove: (path) => succeeds(["ENOENT"], unlink(path)),
    mkdir: isFree(fs.mkdir),
    rmdir: call(fs.rmdir),
    names: async (path) => (await ifThere(readdir(path))) ?? [],
    entries: call(fs.readdir, { withFileTypes: true }),
    readlink: call(fs.readlink),
    symlink: isFree(fs.symlink),
    realpath: call(fs.realpath.native ?? fs.realpath),
    clone: call(fs.copyFile, COPYFILE_EXCL | COPYFILE_FICLONE_FORCE),
  };
}

/** Gives what is open to the work, and closes it. */
export async function withFile<T>(
  files: Files,
  opening: number | Promise<number>,
  work: (descriptor: number) => Promise<T>,
): Promise<T> {
  const descriptor = await opening;
  try {
    return await work(descriptor);
  } finally {
    await files.close(descriptor);
  }
}

/** The code of a failed call, "ENOENT", or of an error of ours. */
export function errorCode(error: unknown): string {
  return String(Reflect.get(Object(error), "code"));
}

/** Undefined where the call fails with one of these codes. */
export function unless<T>(codes: readonly string[], work: Promise<T>): Promise<T | undefined> {
  return work.catch((error: unknown) => {
    if (!codes.includes(errorCode(error))) throw error;
    return undefined;
  });
}

/** Undefined where what is asked about is not there. */
export function ifThere<T>(work: Promise<T>): Promise<T | undefined> {
  return unless(["ENOENT"], work);
}

/** False where it fails with one of these codes. */
export async function succeeds(codes: readonly string[], work: Promise<unknown>): Promise<boolean> {
  return (
    (await unless(
      codes,
      work.then(() => true),
    )) ?? false
  );
}
