import { notify } from "./notify.ts";
import type { OnProgress } from "./operation-options.ts";
import { hex, type IncrementalHash, sha256 } from "./runtime.ts";
import { bytesOf, isBlob, isReadableStream, type Streamed } from "./source-data.ts";
import type { Bytes } from "./storage-driver.ts";
import { StorageError } from "./storage-error.ts";
import { IntegrityError, InvalidArgumentError, SourceFailedError, TooLargeError } from "./storage-errors.ts";

/** What the caller said of the body, and how it wants to follow it. */
export interface SourceTerms {
  readonly size?: number | undefined;
  readonly maxBytes?: number | undefined;
  readonly checksum?: { readonly sha256: string } | undefined;
  readonly onProgress?: OnProgress | undefined;
}

/** Iterates by hand: an abort must be able to leave a source that never answers. */
export class MeteredStream implements AsyncIterable<Bytes>, AsyncIterator<Bytes> {
  readonly #data: Streamed;
  readonly #terms: SourceTerms;
  readonly #signal: AbortSignal;
  readonly #hash: IncrementalHash | undefined;
  #iterator: AsyncIterator<unknown> | undefined;
  #loaded = 0;
  #ended = false;

  constructor(data: Streamed, terms: SourceTerms, signal: AbortSignal) {
    this.#data = data;
    this.#terms = terms;
    this.#signal = signal;
    this.#hash = terms.checksum === undefined ? undefined : sha256();
  }

  [Symbol.asyncIterator](): AsyncIterator<Bytes> {
    return this;
  }

  async next(): Promise<IteratorResult<Bytes>> {
    if (this.#ended) return { done: true, value: undefined };
    try {
      for (;;) {
        const step = await this.#pull();
        if (step.done) return this.#complete();
        const chunk = chunkOf(step.value);
        if (chunk.length > 0) return { done: false, value: this.#take(chunk) };
      }
    } catch (error) {
      this.discard();
      throw error;
    }
  }

  async return(): Promise<IteratorResult<Bytes>> {
    this.discard();
    return { done: true, value: undefined };
  }

  discard(): void {
    if (this.#ended) return;
    this.#ended = true;
    release(this.#data, this.#iterator);
  }

  #pull(): Promise<IteratorResult<unknown>> {
    this.#signal.throwIfAborted();
    this.#iterator ??= iteratorOf(this.#data);
    const step = this.#advance(this.#iterator);
    return new Promise((resolve, reject) => {
      const abort = (): void => reject(this.#signal.reason);
      const settle = (): void => this.#signal.removeEventListener("abort", abort);
      this.#signal.addEventListener("abort", abort, { once: true });
      step.then(resolve, reject).finally(settle);
    });
  }

  async #advance(iterator: AsyncIterator<unknown>): Promise<IteratorResult<unknown>> {
    try {
      return await iterator.next();
    } catch (error) {
      throw sourceFailed(error);
    }
  }

  #take(chunk: Bytes): Bytes {
    const { maxBytes, size, onProgress } = this.#terms;
    this.#loaded += chunk.length;
    if (maxBytes !== undefined && this.#loaded > maxBytes) throw tooLarge(maxBytes);
    if (size !== undefined && this.#loaded > size) throw otherSize(size, this.#loaded);
    this.#hash?.update(chunk);
    report(onProgress, this.#loaded, size);
    return chunk;
  }

  #complete(): IteratorResult<Bytes> {
    const { size, checksum } = this.#terms;
    this.#ended = true;
    if (size !== undefined && this.#loaded !== size) throw otherSize(size, this.#loaded);
    if (checksum !== undefined && this.#hash !== undefined) checkDigest(this.#hash.digest(), checksum);
    return { done: true, value: undefined };
  }
}

function chunkOf(value: unknown): Bytes {
  const chunk = bytesOf(value);
  if (chunk !== undefined) return chunk;
  throw new InvalidArgumentError(`the stream yields ${typeof value}s, and should yield Uint8Arrays`);
}

function iteratorOf(data: Streamed): AsyncIterator<unknown> {
  const stream = isBlob(data) ? data.stream() : data;
  if (!isReadableStream(stream)) return stream[Symbol.asyncIterator]();
  const reader = stream.getReader();
  return {
    next: () => reader.read(),
    return: async () => {
      await reader.cancel();
      return { done: true, value: undefined };
    },
  };
}

/**
 * A Node stream is destroyed, since the `return` of its iterator waits for a read that may never end.
 * Nothing is awaited, for the same reason; and what goes wrong here changes nothing any more.
 */
function release(data: Streamed, iterator: AsyncIterator<unknown> | undefined): void {
  const destroy: unknown = Reflect.get(data, "destroy");
  if (typeof destroy === "function") Reflect.apply(destroy, data, []);
  else if (iterator !== undefined) ignore(iterator.return?.());
  else if (isReadableStream(data)) ignore(data.cancel());
}

function ignore(promise: Promise<unknown> | undefined): void {
  promise?.catch(() => {});
}

export function checkSize(size: number, terms: SourceTerms): void {
  if (terms.maxBytes !== undefined && size > terms.maxBytes) throw tooLarge(terms.maxBytes);
  if (terms.size !== undefined && size !== terms.size) throw otherSize(terms.size, size);
}

const tooLarge = (maxBytes: number): TooLargeError =>
  new TooLargeError(`the body has more than ${maxBytes} bytes`);

function otherSize(declared: number, found: number): InvalidArgumentError {
  const relation = found > declared ? "more" : `${found}`;
  return new InvalidArgumentError(`the body was declared with ${declared} bytes and has ${relation}`);
}

export function checkDigest(digest: Uint8Array, checksum: { readonly sha256: string }): void {
  if (hex(digest) === checksum.sha256.toLowerCase()) return;
  throw new IntegrityError("the body's SHA-256 is not the checksum that was given with it");
}

export function sourceFailed(error: unknown): StorageError {
  return StorageError.is(error)
    ? error
    : new SourceFailedError("the stream to be stored failed", { cause: error });
}

export function report(onProgress: OnProgress | undefined, loaded: number, total: number | undefined): void {
  if (onProgress !== undefined) notify(onProgress, total === undefined ? { loaded } : { loaded, total });
}
