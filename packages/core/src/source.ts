import { callerItems, sourceFailed } from "./caller-items.ts";
import { bytesOf, checkStreamed, isBlob } from "./data.ts";
import { defined } from "./defined.ts";
import { ended, Iteration, quietly } from "./iteration.ts";
import type { Operation } from "./operation.ts";
import type { OnProgress, StorageData } from "./operation-options.ts";
import { hex, sha256 } from "./sha256.ts";
import type { Body, Bytes } from "./storage-driver.ts";
import { IntegrityError, InvalidArgumentError, TooLargeError } from "./storage-errors.ts";

/** A Blob up to this size is taken as bytes: a stream for a small body costs three times as much. */
const smallBlob = 1024 * 1024;

/** What the caller said of the body, and how it wants to follow it. */
export interface SourceTerms {
  readonly size?: number | undefined;
  readonly maxBytes: number;
  readonly checksum?: { readonly sha256: string } | undefined;
  readonly onProgress?: OnProgress | undefined;
}

/** The caller's data on its way to a driver: counted, limited, checked, and reported. */
export interface Source {
  /** Once; at once where nothing has to be read before. */
  body(): Body | Promise<Body>;
  /** After the commit. */
  finish(): void;
}

/** Everything that can be seen without reading the data is refused at once. */
export function sourceOf(data: StorageData, terms: SourceTerms, scope: Operation): Source {
  const bytes = bytesOf(data);
  const items = bytes ?? checkStreamed(data);
  const blob = !bytes && isBlob(items) ? items : undefined;
  const size = bytes?.length ?? blob?.size ?? terms.size;
  if (size !== undefined) checkSize(size, terms);
  const whole = blob && blob.size <= smallBlob ? blob : bytes;
  if (!whole) return counted(blob?.stream() ?? items, { ...terms, size }, scope);
  const { checksum, onProgress } = terms;
  return {
    body: () => (bytes && !checksum ? { bytes } : checked(whole, checksum)),
    finish: () => report(onProgress, size ?? 0, size),
  };
}

async function checked(whole: Bytes | Blob, checksum: SourceTerms["checksum"]): Promise<Body> {
  const bytes = "buffer" in whole ? whole : new Uint8Array(await whole.arrayBuffer().catch(failed));
  if (checksum) checkDigest(hex(await crypto.subtle.digest("SHA-256", bytes)), checksum);
  return { bytes };
}

function counted(items: object, terms: SourceTerms, scope: Operation): Source {
  const { size, maxBytes, checksum, onProgress } = terms;
  const most = Math.min(size ?? maxBytes, maxBytes);
  const pieces = callerItems<unknown>(items, scope);
  const hash = checksum && sha256();
  let loaded = 0;
  const take = (value: Bytes): IteratorYieldResult<Bytes> => {
    loaded += value.length;
    if (loaded > most) checkSize(loaded, terms);
    hash?.update(value);
    report(onProgress, loaded, size);
    return { value };
  };
  const pull = async (): Promise<IteratorResult<Bytes>> => {
    for (;;) {
      const step = await pieces.next();
      if (step.done) {
        checkSize(loaded, terms);
        checkDigest(hash?.digest("hex"), checksum);
        return ended;
      }
      const value = bytesOf(step.value);
      if (!value)
        throw new InvalidArgumentError(`the stream yields a ${typeof step.value}, not a Uint8Array`);
      if (value.length > 0) return take(value);
    }
  };
  const stream = new Iteration(pull, () => pieces.drop());
  // Whatever the put fails with: what the stream holds is freed, and no driver takes that for its end.
  scope.onAbort(() => {
    if (scope.hasBegun) stream.drop({ error: scope.reason });
  });
  return { body: () => ({ stream, size }), finish: () => report(onProgress, loaded, loaded) };
}

/** @throws IntegrityError for bytes that are not those of the checksum. */
function checkDigest(digest: string | undefined, checksum: SourceTerms["checksum"]): void {
  if (digest === checksum?.sha256.toLowerCase()) return;
  throw new IntegrityError("the body has another SHA-256 than announced");
}

function failed(error: unknown): never {
  throw sourceFailed(error);
}

function checkSize(found: number, { size, maxBytes }: SourceTerms): void {
  if (found > maxBytes) throw new TooLargeError(`the body has more than ${maxBytes} bytes`);
  if ((size ?? found) === found) return;
  throw new InvalidArgumentError(`the body has another length than size, ${size}`);
}

export function report(onProgress: OnProgress | undefined, loaded: number, total: number | undefined): void {
  if (onProgress) void quietly(() => onProgress(defined({ loaded, total })));
}
