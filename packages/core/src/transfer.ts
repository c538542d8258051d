import { throwIfAborted } from "./abort-error.ts";
import { notify } from "./notify.ts";
import type { OperationOptions } from "./operation-options.ts";
import { inParallel } from "./operations/in-parallel.ts";
import { checkOptions } from "./option-checks.ts";
import { hex, sha256 } from "./runtime.ts";
import { safeCause } from "./safe-cause.ts";
import type { ListEntry, StorageBackend, StoredObject } from "./storage-backend.ts";
import { StorageError } from "./storage-error.ts";
import { IntegrityError } from "./storage-errors.ts";

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
  const { prefix, signal, concurrency = 8, onProgress } = options;
  const failed: TransferResult["failed"] = [];
  let copied = 0;
  let skipped = 0;
  let bytes = 0;
  const one = async (entry: ListEntry): Promise<void> => {
    throwIfAborted(signal);
    try {
      if (await transferOne(from, to, entry, options)) {
        copied++;
        bytes += entry.size;
      } else skipped++;
    } catch (error) {
      throwIfAborted(signal);
      failed.push({ key: entry.key, error: typed(error, entry.key) });
    }
    notify(onProgress, { copied, skipped, failed: failed.length, bytes, key: entry.key });
  };
  await inParallel(from.list({ prefix, signal }), one, concurrency);
  return { copied, skipped, bytes, failed };
}

async function transferOne(
  from: StorageBackend,
  to: StorageBackend,
  entry: ListEntry,
  { resume = false, verify = false, dryRun = false, signal }: TransferOptions,
): Promise<boolean> {
  const { key } = entry;
  if (resume && (await isThere(to, entry, signal))) return false;
  if (dryRun) return true;
  await using object = await from.open(key, { signal });
  const { contentType, cacheControl, contentDisposition, contentEncoding, metadata, size } = object;
  const attributes = { contentType, cacheControl, contentDisposition, contentEncoding, metadata };
  const digest = verify ? sha256() : undefined;
  await to.put(key, watched(object, digest), { ...attributes, size, signal });
  if (digest !== undefined) await compare(to, key, hex(digest.digest()), signal);
  return true;
}

async function* watched(
  object: StoredObject,
  digest: ReturnType<typeof sha256> | undefined,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of object.body) {
    digest?.update(chunk);
    yield chunk;
  }
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

async function compare(
  to: StorageBackend,
  key: string,
  expected: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  await using object = await to.open(key, { signal });
  const digest = sha256();
  for await (const chunk of object.body) digest.update(chunk);
  if (hex(digest.digest()) === expected) return;
  throw new IntegrityError("the copy reads back with other bytes", {
    operation: "transfer",
    key,
    backend: to.name,
  });
}

function typed(error: unknown, key: string): StorageError {
  if (StorageError.is(error)) return error;
  return new StorageError("the transfer of this object failed", {
    operation: "transfer",
    key,
    cause: safeCause(error),
  });
}
