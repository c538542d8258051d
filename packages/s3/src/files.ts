import { createReadStream } from "node:fs";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import {
  type GetOptions,
  type ObjectMetadata,
  type PutOptions,
  type PutResult,
  SourceFailedError,
  type StorageBackend,
  StorageError,
  type StorageErrorFacts,
  validateKey,
} from "@storage/core";
import { fileError, nodeCodeOf } from "./file-errors.ts";

/** Bytes of one read. */
const chunkSize = 1024 * 1024;

/** The file as it is now: one that grows or shrinks meanwhile is another size than declared. */
export async function uploadFrom(
  backend: StorageBackend,
  key: string,
  path: string,
  options: Omit<PutOptions, "size">,
): Promise<PutResult> {
  validateKey(key);
  const { size, stream } = await opened(path, { operation: "uploadFrom", key, backend: backend.name });
  try {
    return await backend.put(key, stream, { ...options, size });
  } finally {
    stream.destroy();
  }
}

async function opened(
  path: string,
  facts: StorageErrorFacts,
): Promise<{ readonly size: number; readonly stream: Readable }> {
  let file: FileHandle | undefined;
  try {
    file = await open(path);
    const { size } = await file.stat();
    const stream = createReadStream("", { fd: file, highWaterMark: chunkSize });
    return { size, stream };
  } catch (cause) {
    await file?.close();
    throw new SourceFailedError(`the file cannot be read (${nodeCodeOf(cause)})`, facts);
  }
}

/** All or nothing: what is written lies beside its place until it is whole. */
export async function downloadTo(
  backend: StorageBackend,
  key: string,
  path: string,
  options: GetOptions,
): Promise<ObjectMetadata> {
  await using object = await backend.open(key, options);
  const draft = join(dirname(path), `.${crypto.randomUUID()}.part`);
  try {
    const file = await open(draft, "wx");
    await pipeline(object.body, file.createWriteStream());
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    if (StorageError.is(error)) throw error;
    throw fileError("the file cannot be written", error);
  }
  const { size, contentType, etag, lastModified, metadata } = object;
  const { cacheControl, contentDisposition, contentEncoding } = object;
  const headers = { contentType, cacheControl, contentDisposition, contentEncoding };
  return { key, size, etag, lastModified, metadata, ...headers };
}
