import * as nodeFs from "node:fs";
import type { Bytes } from "@storage/core";
import type { Done, FileSystem, Files } from "./file-system.ts";

const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK } = nodeFs.constants;
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

/** Node refuses 2 GiB and more at once. */
const longestWrite = 2 ** 30;

/** By file descriptor: a `FileHandle` costs more than the system call that it wraps, and one that is forgotten warns. */
export function filesOf(fs: FileSystem | undefined): Files {
  const all: FileSystem = fs ?? nodeFs;
  const promised =
    (method: (...parameters: never[]) => void, ...options: readonly unknown[]) =>
    (...parameters: readonly unknown[]): Promise<never> =>
      new Promise((resolve, reject) => {
        const done: Done<never> = (error, value) => (error ? reject(error) : resolve(value as never));
        Reflect.apply(method, all, [...parameters, ...options, done]);
      });
  const bigint = { bigint: true };
  const open = promised(all.open);
  const write = promised(all.write);
  const lstat = promised(all.lstat, bigint);
  const readdir = promised(all.readdir);
  const symlink = promised(all.symlink);
  const link = promised(all.link);
  const mkdir = promised(all.mkdir);
  const unlink = promised(all.unlink);
  return {
    isReal: fs === undefined,
    open: (path, flags, mode = 0) => open(path, flags, mode),
    close: promised(all.close),
    read: promised(all.read),
    async write(descriptor: number, bytes: Bytes, position: number): Promise<void> {
      for (let offset = 0; offset < bytes.length; ) {
        const length = Math.min(bytes.length - offset, longestWrite);
        offset += await write(descriptor, bytes, offset, length, position + offset);
      }
    },
    fsync: promised(all.fsync),
    fstat: promised(all.fstat, bigint),
    look: (path) => ifThere(lstat(path)),
    stat: promised(all.stat, bigint),
    futimes: promised(all.futimes),
    lutimes: promised(all.lutimes),
    rename: promised(all.rename),
    link: (from, to) => succeeds(["EEXIST"], link(from, to)),
    remove: (path) => succeeds(["ENOENT"], unlink(path)),
    mkdir: (path, mode) => succeeds(["EEXIST"], mkdir(path, mode)),
    rmdir: promised(all.rmdir),
    names: async (path) => (await ifThere(readdir(path))) ?? [],
    entries: promised(all.readdir, { withFileTypes: true }),
    readlink: promised(all.readlink),
    symlink: (target, path) => succeeds(["EEXIST"], symlink(target, path)),
    realpath: promised(all.realpath.native ?? all.realpath),
    copyFile: promised(all.copyFile),
  };
}

/** Gives what is open to the work, and closes it. */
export async function withFile<T>(
  files: Files,
  opening: Promise<number>,
  work: (descriptor: number) => Promise<T>,
): Promise<T> {
  const descriptor = await opening;
  try {
    return await work(descriptor);
  } finally {
    await files.close(descriptor);
  }
}

/** The code of a failed call, "ENOENT", or of an error of ours; undefined for any other. */
export function errorCode(error: unknown): string | undefined {
  const code: unknown = typeof error === "object" && error !== null ? Reflect.get(error, "code") : undefined;
  return typeof code === "string" ? code : undefined;
}

/** Undefined where the call fails with one of these codes. */
export async function unless<T>(codes: readonly string[], work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (codes.includes(errorCode(error) ?? "")) return undefined;
    throw error;
  }
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
