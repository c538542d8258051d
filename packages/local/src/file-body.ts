import { type Bytes, IntegrityError, type ResolvedRange } from "@storage/core";
import type { Files } from "./files.ts";
import { type FileVersion, mayBeDescribed, versionOf } from "./stamp.ts";

/** Up to here a file is read in one piece; above it in pieces of this size, which halve the time of Node's 64 KiB. */
const pieceSize = 512 * 1024;

/** A file that is open, as it was then. */
export interface ReadableFile {
  readonly descriptor: number;
  readonly version: FileVersion;
  close(): Promise<void>;
}

/** An open file, from one place to another; it is closed when it was read or is dropped. */
export class FileBody implements AsyncIterable<Bytes>, AsyncIterator<Bytes> {
  readonly #files: Files;
  readonly #file: ReadableFile;
  readonly #signal: AbortSignal;
  readonly #end: number;
  #position: number;
  #reading: Promise<unknown> = Promise.resolve();
  #closed: Promise<void> | undefined;

  constructor(files: Files, file: ReadableFile, range: ResolvedRange, signal: AbortSignal) {
    this.#files = files;
    this.#file = file;
    this.#signal = signal;
    this.#position = range.start;
    this.#end = range.end;
  }

  /** In one piece, where it is small enough; else undefined. */
  async whole(): Promise<Bytes | undefined> {
    if (this.#end - this.#position > pieceSize) return undefined;
    try {
      const bytes = await this.#piece();
      // Bytes of an edit with the old attributes; without any, an etag that is out of date does no harm.
      if (mayBeDescribed(this.#file.version.nanoseconds)) await this.#checkUnchanged();
      return bytes;
    } finally {
      await this.#close();
    }
  }

  [Symbol.asyncIterator](): AsyncIterator<Bytes> {
    return this;
  }

  async next(): Promise<IteratorResult<Bytes>> {
    if (this.#closed !== undefined) return { done: true, value: undefined };
    try {
      this.#signal.throwIfAborted();
      const reading = this.#piece();
      this.#reading = reading.catch(() => {});
      const value = await reading;
      if (value.length > 0) return { done: false, value };
      await this.#checkUnchanged();
    } catch (error) {
      await this.#close();
      throw error;
    }
    await this.#close();
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<Bytes>> {
    await this.#close();
    return { done: true, value: undefined };
  }

  /** Shorter only where the file ends early. */
  async #piece(): Promise<Bytes> {
    const bytes = new Uint8Array(Math.min(pieceSize, this.#end - this.#position));
    let length = 0;
    while (length < bytes.length) {
      const place = this.#position + length;
      const read = await this.#files.read(this.#file.descriptor, bytes, length, bytes.length - length, place);
      if (read === 0) break;
      length += read;
    }
    this.#position += length;
    return length === bytes.length ? bytes : bytes.slice(0, length);
  }

  /** Our own writes never touch an open file; another program may have edited it in place. */
  async #checkUnchanged(): Promise<void> {
    const { version } = this.#file;
    const { size, nanoseconds } = versionOf(await this.#files.fstat(this.#file.descriptor));
    if (size === version.size && nanoseconds === version.nanoseconds) return;
    throw new IntegrityError("another program changed the file while it was read");
  }

  /** Once, and not under a read: its number may be another file's by then. */
  #close(): Promise<void> {
    this.#closed ??= this.#reading.then(() => this.#file.close());
    return this.#closed;
  }
}
