import type { Bytes } from "@storage/core";

/** How `node:fs` tells that a call has ended. */
export type Done<T> = (error: Error | null | undefined, value?: T) => void;

interface FileKind {
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
}

interface FolderEntry extends FileKind {
  readonly name: string;
}

/** What we ask of a file. */
export interface FileStats extends FileKind {
  readonly size: bigint;
  readonly mtimeMs: bigint;
  readonly mtimeNs: bigint;
  readonly nlink: bigint;
  readonly ino: bigint;
  readonly dev: bigint;
}

/** As memfs declares them; where bigints are asked for, they are. */
interface AnyStats extends FileKind {
  readonly size: number | bigint;
  readonly mtimeMs: number | bigint;
  readonly mtimeNs: bigint | undefined;
  readonly nlink: number | bigint;
  readonly ino: number | bigint;
  readonly dev: number | bigint;
}

/** What we call of `node:fs`, so that another file system (memfs) can be handed in. */
export interface FileSystem {
  open(path: string, flags: number, mode: number, done: Done<number>): void;
  close(descriptor: number, done: Done<void>): void;
  read(
    descriptor: number,
    into: Bytes,
    offset: number,
    length: number,
    position: number,
    done: Done<number>,
  ): void;
  write(
    descriptor: number,
    bytes: Bytes,
    offset: number,
    length: number,
    position: number,
    done: Done<number>,
  ): void;
  fsync(descriptor: number, done: Done<void>): void;
  fstat(descriptor: number, options: { bigint: true }, done: Done<AnyStats>): void;
  lstat(path: string, options: { bigint: true }, done: Done<AnyStats>): void;
  stat(path: string, options: { bigint: true }, done: Done<AnyStats>): void;
  futimes(descriptor: number, accessed: number, modified: number, done: Done<void>): void;
  lutimes(path: string, accessed: number, modified: number, done: Done<void>): void;
  rename(from: string, to: string, done: Done<void>): void;
  link(from: string, to: string, done: Done<void>): void;
  unlink(path: string, done: Done<void>): void;
  mkdir(path: string, mode: number, done: Done<void>): void;
  rmdir(path: string, done: Done<void>): void;
  readdir(path: string, done: Done<readonly unknown[]>): void;
  readdir(path: string, options: { withFileTypes: true }, done: Done<readonly unknown[]>): void;
  readlink(path: string, done: Done<unknown>): void;
  symlink(target: string, path: string, done: Done<void>): void;
  readonly realpath: ((path: string, done: Done<unknown>) => void) & {
    readonly native?: (path: string, done: Done<unknown>) => void;
  };
  copyFile(from: string, to: string, flags: number, done: Done<void>): void;
}

/** The same calls as promises, by file descriptor. */
export interface Files {
  /** Whether this is the machine's own file system, where `/proc/self/fd` tells what a descriptor is. */
  readonly isReal: boolean;
  /** Whether it is known to be on a local disk: what was written needs no close to be there. */
  readonly isLocal: boolean;
  /** `mode` is that of a new file. */
  open(path: string, flags: number, mode?: number): Promise<number>;
  /** `size` is that of an object's file, which may be removed by now. */
  close(descriptor: number, size?: number | bigint): Promise<void>;
  read(descriptor: number, into: Bytes, offset: number, length: number, position: number): Promise<number>;
  /** All of it, unless the signal ends it: a disk may take less than it was given. */
  write(descriptor: number, bytes: Bytes, position: number, signal?: AbortSignal): Promise<void>;
  fsync(descriptor: number): Promise<void>;
  fstat(descriptor: number): Promise<FileStats>;
  /** What stands there, a link itself too; undefined for nothing. */
  look(path: string): Promise<FileStats | undefined>;
  stat(path: string): Promise<FileStats>;
  futimes(descriptor: number, accessed: number, modified: number): Promise<void>;
  lutimes(path: string, accessed: number, modified: number): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** False where something stands there already. */
  link(from: string, to: string): Promise<boolean>;
  /** False where there was nothing to remove. */
  remove(path: string): Promise<boolean>;
  /** False where something stands there already. */
  mkdir(path: string, mode: number): Promise<boolean>;
  rmdir(path: string): Promise<void>;
  /** None where the folder is not there. */
  names(path: string): Promise<readonly string[]>;
  entries(path: string): Promise<readonly FolderEntry[]>;
  readlink(path: string): Promise<string>;
  /** False where something stands there already. */
  symlink(target: string, path: string): Promise<boolean>;
  realpath(path: string): Promise<string>;
  /** By the file system's clone, which shares the blocks. @throws where it has none. */
  clone(from: string, to: string): Promise<void>;
}
