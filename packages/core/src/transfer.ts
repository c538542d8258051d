import { throwIfAborted } from "./abortable.ts";
import { dressed, orMissing } from "./failure.ts";
import { quietly } from "./iteration.ts";
import type { OperationOptions } from "./operation-options.ts";
import { inParallel } from "./operations/in-parallel.ts";
import { checkOptions } from "./options.ts";
import type { IncrementalHash } from "./runtime.ts";
import { sha256 } from "./sha256.ts";
import type { ListEntry, StorageBackend, StoredObject } from "./storage-backend.ts";
import type { StorageError } from "./storage-error.ts";
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
      const told = dressed(error, { operation: "transfer", key });
      if (signal?.aborted) throw told;
      failed.push({ key, error: told });
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
  // What an object shows of itself, save for these, are options of a put.
  const { key: _, etag: __, lastModified: ___, ...options } = object;
  const [sent, read] = verify ? [sha256(), sha256()] : [];
  try {
    await to.put(key, watched(object, sent), { ...options, signal });
  } finally {
    await object[Symbol.asyncDispose]();
  }
  if (!sent || !read) return true;
  for await (const _ of watched(await to.open(key, { signal }), read));
  if (sent.digest("hex") === read.digest("hex")) return true;
  throw new IntegrityError("the copy reads back with other bytes", { backend: to.name });
}

async function* watched(
  { body }: StoredObject,
  digest: IncrementalHash | undefined,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    digest?.update(chunk);
    yield chunk;
  }
}

async function isThere(
  to: StorageBackend,
  entry: ListEntry,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const found = await orMissing(to.getMetadata(entry.key, { signal }));
  return found !== undefined && found.size === entry.size && found.lastModified >= entry.lastModified;
}
