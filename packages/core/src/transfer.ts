import { throwIfAborted } from "./abortable.ts";
import { quietly } from "./iteration.ts";
import type { OperationOptions } from "./operation-options.ts";
import { inParallel } from "./operations/in-parallel.ts";
import { checkOptions } from "./options.ts";
import { hex, sha256 } from "./runtime.ts";
import { safeCause } from "./safe-cause.ts";
import type { ListEntry, StorageBackend, StoredObject } from "./storage-backend.ts";
import { StorageError } from "./storage-error.ts";
import { IntegrityError, storageError } from "./storage-errors.ts";

export interface TransferOptions extends OperationOptions {
  /** Only keys that start with it. Default: "". */
  readonly prefix?: string | undefined;
  /** Objects at once. Default: 8. */
  readonly concurrency?: number | undefined;
  /** Leaves out what is there already with the same size and is no older. Default: false. */
  readonly resume?: boolean | undefined;
  /** Reads every object back and compares SHA-256. Default: false. */
  readonly verify?: boolean | undefined;
  /** Only says what would be copied. Default: false. */
  readonly dryRun?: boolean | undefined;
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
}

export interface TransferProgress {
  /** Objects so far. */
  readonly copied: number;
  readonly skipped: number;
  readonly failed: number;
  /** Of the objects copied so far. */
  readonly bytes: number;
  /** The object that was done last. */
  readonly key: string;
}

export interface TransferResult {
  readonly copied: number;
  readonly skipped: number;
  readonly bytes: number;
  readonly failed: { readonly key: string; readonly error: StorageError }[];
}

/**
 * Copies every object with its attributes from one backend to another, in memory bounded by
 * `concurrency` streams. One failure does not keep the others; an abort rejects, and a later call with
 * `resume` goes on.
 */
export async function transfer(
  from: StorageBackend,
  to: StorageBackend,
  options: TransferOptions = {},
): Promise<TransferResult> {
  checkOptions("transfer", options);
  const { prefix, signal, concurrency, onProgress } = options;
  const counts = { copied: 0, skipped: 0, bytes: 0 };
  const failed: TransferResult["failed"] = [];
  const one = async (entry: ListEntry): Promise<void> => {
    const { key, size } = entry;
    try {
      throwIfAborted(signal);
      const isCopied = await transferOne(from, to, entry, options);
      counts[isCopied ? "copied" : "skipped"]++;
      if (isCopied) counts.bytes += size;
    } catch (error) {
      if (signal?.aborted) throw dressed(error);
      failed.push({ key, error: dressed(error, key) });
    }
    void quietly(() => onProgress?.({ ...counts, failed: failed.length, key }));
  };
  await inParallel(from.list({ prefix, signal }), one, concurrency ?? 8);
  return { ...counts, failed };
}

async function transferOne(
  from: StorageBackend,
  to: StorageBackend,
  entry: ListEntry,
  { resume, verify, dryRun, signal }: TransferOptions,
): Promise<boolean> {
  const { key } = entry;
  if (resume && (await isThere(to, entry, signal))) return false;
  if (dryRun) return true;
  const object = await from.open(key, { signal });
  const { contentType, cacheControl, contentDisposition, contentEncoding, metadata, size } = object;
  const attributes = { contentType, cacheControl, contentDisposition, contentEncoding, metadata };
  const digest = verify ? sha256() : undefined;
  try {
    await to.put(key, watched(object, digest), { ...attributes, size, signal });
  } finally {
    await object[Symbol.asyncDispose]();
  }
  if (digest && hex(digest.digest()) !== (await digestOf(to, key, signal))) {
    throw new IntegrityError("the copy reads back with other bytes", { backend: to.name });
  }
  return true;
}

type Digest = ReturnType<typeof sha256>;

async function* watched({ body }: StoredObject, digest: Digest | undefined): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    digest?.update(chunk);
    yield chunk;
  }
}

async function digestOf(
  backend: StorageBackend,
  key: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  const digest = sha256();
  for await (const chunk of (await backend.open(key, { signal })).body) digest.update(chunk);
  return hex(digest.digest());
}

async function isThere(
  to: StorageBackend,
  entry: ListEntry,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  try {
    const { size, lastModified } = await to.getMetadata(entry.key, { signal });
    return size === entry.size && lastModified >= entry.lastModified;
  } catch (error) {
    if (StorageError.is(error, "FileNotFound")) return false;
    throw error;
  }
}

/** Told of the transfer, whichever of its steps failed. */
function dressed(error: unknown, key?: string): StorageError {
  const facts = { operation: "transfer", key };
  return StorageError.is(error)
    ? storageError(error.code, error.reason, { ...error, ...facts, cause: error })
    : new StorageError("the transfer of this object failed", { ...facts, cause: safeCause(error) });
}
