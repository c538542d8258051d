import type { Bytes, ResolvedRange } from "@storage/core";
import { storageError } from "./errors.ts";
import type { Files } from "./file-system.ts";
import type { Closable } from "./folders.ts";
import { etagOf, type FileVersion, versionOf } from "./stamp.ts";

/** Bytes that are read as one body. */
export const smallBody: number = 512 * 1024;
/** Of what is larger, at a time. Less takes longer (Node's 64 KiB twice as long as 512), more takes more memory, since it is collected late: 512 KiB hold 25 MiB more. */
const pieceSize = 160 * 1024;

/** A file that is open, as it was then. */
export interface ReadableFile extends Closable {
  readonly descriptor: number;
  readonly version: FileVersion;
}

/**
 * An open file, from one place to another; it is closed when it was read or is dropped. While a piece is used, the
 * next one is read: never more than that.
 */
export function fileStream(
  files: Files,
  file: ReadableFile,
  { start, end }: ResolvedRange,
  signal: AbortSignal,
): AsyncIterableIterator<Bytes, undefined> {
  let position = start;
  let piece: Promise<Bytes> | undefined;
  let ahead: Promise<Bytes> | undefined;
  let closed: Promise<unknown> | undefined;
  /** Once, and not under a read: its number may be another file's by then. */
  const finish = async (): Promise<IteratorReturnResult<undefined>> => {
    closed ??= Promise.allSettled([piece, ahead]).then(file.close);
    await closed;
    return { done: true, value: undefined };
  };
  const read = (): Promise<Bytes> => {
    const from = position;
    position = Math.min(end, from + pieceSize);
    const reading = readPiece(files, file.descriptor, { start: from, end: position });
    // Its failure is met where it is awaited.
    reading.catch(() => {});
    return reading;
  };
  const next = async (): Promise<IteratorResult<Bytes, undefined>> => {
    if (closed !== undefined) return await finish();
    try {
      signal.throwIfAborted();
      piece = ahead ?? read();
      ahead = read();
      const value = await piece;
      if (value.length > 0) return { done: false, value };
      await checkUnchanged(files, file);
    } catch (error) {
      await finish();
      throw error;
    }
    return await finish();
  };
  const stream = { next, return: finish, [Symbol.asyncIterator]: () => stream };
  return stream;
}

/** Shorter only where the file ends early. */
export async function readPiece(
  files: Files,
  descriptor: number,
  { start, end }: ResolvedRange,
): Promise<Bytes> {
  // Memory that is not cleared before, of which nothing is handed out that was not read into.
  const bytes = new Uint8Array(Buffer.allocUnsafeSlow(end - start).buffer);
  for (let length = 0; length < bytes.length; ) {
    const read = await files.read(descriptor, bytes, length, bytes.length - length, start + length);
    if (read === 0) return bytes.slice(0, length);
    length += read;
  }
  return bytes;
}

/** Our own writes never touch an open file; another program may have edited it in place. */
export async function checkUnchanged(files: Files, { descriptor, version }: ReadableFile): Promise<void> {
  if (etagOf(versionOf(await files.fstat(descriptor))) !== etagOf(version))
    throw storageError("Integrity", "another program changed the file while it was read");
}
