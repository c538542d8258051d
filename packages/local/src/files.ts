import * as nodeFs from "node:fs";
import type { Bytes } from "@storage/core";
import type { Done, FileStats, FileSystem, FolderEntry } from "./file-system.ts";

export const O_RDONLY: number = nodeFs.constants.O_RDONLY;
export const O_WRONLY: number = nodeFs.constants.O_WRONLY;
export const O_CREAT: number = nodeFs.constants.O_CREAT;
export const O_EXCL: number = nodeFs.constants.O_EXCL;
export const O_DIRECTORY: number = nodeFs.constants.O_DIRECTORY;
export const O_NOFOLLOW: number = nodeFs.constants.O_NOFOLLOW;
export const O_NONBLOCK: number = nodeFs.constants.O_NONBLOCK;
/** Linux only, and not in Node's constants: a descriptor that merely names a file (open(2)). */
export const O_PATH: number = 0o10000000;
const { COPYFILE_EXCL, COPYFILE_FICLONE_FORCE } = nodeFs.constants;

/** Node refuses 2 GiB and more at once. */
const longestWrite = 2 ** 30;

/**
 * The callbacks as promises, by file descriptor: `FileHandle` costs more than the system call that it
 * wraps, and one that is forgotten warns at its collection.
 */
export class Files {
  readonly #fs: FileSystem;
  /** Whether this is the machine's own file system, where `/proc/self/fd` tells what a descriptor is. */
  readonly isReal: boolean;

  constructor(fs: FileSystem | undefined) {
    this.#fs = fs ?? nodeFs;
    this.isReal = fs === undefined;
  }

  /** `mode` is that of a new file. */
  open(path: string, flags: number, mode = 0): Promise<number> {
    return promised((done) => this.#fs.open(path, flags, mode, done));
  }

  /** A descriptor that stays what it is, whatever becomes of its name; undefined where nothing stands there. */
  hold(path: string): Promise<number | undefined> {
    const isLinux = this.isReal && process.platform === "linux";
    return ifThere(this.open(path, isLinux ? O_PATH | O_NOFOLLOW : O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
  }

  close(descriptor: number): Promise<void> {
    return promised((done) => this.#fs.close(descriptor, done));
  }

  read(descriptor: number, into: Bytes, offset: number, length: number, position: number): Promise<number> {
    return promised((done) => this.#fs.read(descriptor, into, offset, length, position, done));
  }

  /** All of it: a disk may take less than it was given. */
  async write(descriptor: number, bytes: Bytes, position: number): Promise<void> {
    for (let offset = 0; offset < bytes.length; ) {
      const length = Math.min(bytes.length - offset, longestWrite);
      offset += await promised<number>((done) =>
        this.#fs.write(descriptor, bytes, offset, length, position + offset, done),
      );
    }
  }

  fsync(descriptor: number): Promise<void> {
    return promised((done) => this.#fs.fsync(descriptor, done));
  }

  /** Some network and FUSE disks, and Windows (EPERM), cannot sync a folder: there is nothing more to be done. */
  async fsyncFolder(descriptor: number): Promise<void> {
    const refusals = ["EINVAL", "ENOTSUP", "EOPNOTSUPP", ...(process.platform === "win32" ? ["EPERM"] : [])];
    await unless(refusals, this.fsync(descriptor));
  }

  fstat(descriptor: number): Promise<FileStats> {
    return promised((done) => this.#fs.fstat(descriptor, { bigint: true }, asked(done)));
  }

  /** What stands there, a link itself too; undefined for nothing. */
  look(path: string): Promise<FileStats | undefined> {
    return ifThere(promised((done) => this.#fs.lstat(path, { bigint: true }, asked(done))));
  }

  stat(path: string): Promise<FileStats> {
    return promised((done) => this.#fs.stat(path, { bigint: true }, asked(done)));
  }

  futimes(descriptor: number, seconds: number): Promise<void> {
    return promised((done) => this.#fs.futimes(descriptor, seconds, seconds, done));
  }

  lutimes(path: string, seconds: number): Promise<void> {
    return promised((done) => this.#fs.lutimes(path, seconds, seconds, done));
  }

  rename(from: string, to: string): Promise<void> {
    return promised((done) => this.#fs.rename(from, to, done));
  }

  /** False where something stands there already. */
  link(from: string, to: string): Promise<boolean> {
    return ifFree(promised((done) => this.#fs.link(from, to, done)));
  }

  /** Whether there was something to remove. */
  async remove(path: string): Promise<boolean> {
    const gone = promised((done) => this.#fs.unlink(path, done)).then(() => true);
    return (await ifThere(gone)) === true;
  }

  /** False where something stands there already. */
  mkdir(path: string, mode: number): Promise<boolean> {
    return ifFree(promised((done) => this.#fs.mkdir(path, mode, done)));
  }

  rmdir(path: string): Promise<void> {
    return promised((done) => this.#fs.rmdir(path, done));
  }

  /** None where the folder is not there. */
  async names(path: string): Promise<string[]> {
    return (await ifThere(promised<string[]>((done) => this.#fs.readdir(path, asked(done))))) ?? [];
  }

  entries(path: string): Promise<FolderEntry[]> {
    return promised((done) => this.#fs.readdir(path, { withFileTypes: true }, asked(done)));
  }

  readlink(path: string): Promise<string> {
    return promised((done) => this.#fs.readlink(path, asked(done)));
  }

  /** False where something stands there already. */
  symlink(target: string, path: string): Promise<boolean> {
    return ifFree(promised((done) => this.#fs.symlink(target, path, done)));
  }

  realpath(path: string): Promise<string> {
    const { realpath } = this.#fs;
    return promised((done) => (realpath.native ?? realpath)(path, asked(done)));
  }

  /** By the file system's clone, which shares the blocks. @throws where it has none. */
  clone(from: string, to: string): Promise<void> {
    return promised((done) => this.#fs.copyFile(from, to, COPYFILE_EXCL | COPYFILE_FICLONE_FORCE, done));
  }
}

/** What was asked for is what comes: the declarations cover more. */
const asked = <T extends Any, Any>(done: Done<T>): Done<Any> => done as Done<Any>;

function promised<T>(call: (done: Done<T>) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    call((error, value) => (error === null || error === undefined ? resolve(value as T) : reject(error)));
  });
}

/** The code of a failed call, "ENOENT"; undefined for any other error. */
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

async function ifFree(work: Promise<void>): Promise<boolean> {
  return (
    (await unless(
      ["EEXIST"],
      work.then(() => true),
    )) === true
  );
}
