import { CallerItems, sourceFailed } from "./caller-items.ts";
import { bytesOf, checkStreamed, isBlob } from "./data.ts";
import { quietly } from "./iteration.ts";
import type { Operation } from "./operation.ts";
import type { OnProgress, StorageData } from "./operation-options.ts";
import { hex, type IncrementalHash, sha256 } from "./runtime.ts";
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

/**
 * The caller's data on its way to a driver: counted, limited, checked, and reported.
 * Everything that can be seen without reading it is refused by the constructor.
 */
export class Source {
  readonly #terms: SourceTerms;
  readonly #data: Bytes | Blob | undefined;
  readonly #stream: CountedStream | undefined;

  constructor(data: StorageData, terms: SourceTerms, scope: Operation) {
    const bytes = bytesOf(data);
    const items = bytes ?? checkStreamed(data);
    const size = bytes?.length ?? (isBlob(items) ? items.size : undefined);
    checkSize(size ?? terms.size, terms);
    this.#terms = { ...terms, size: size ?? terms.size };
    if (bytes !== undefined || (isBlob(items) && items.size <= smallBlob))
      this.#data = bytes ?? (items as Blob);
    else this.#stream = new CountedStream(isBlob(items) ? items.stream() : items, this.#terms, scope);
  }

  /** Once; at once where nothing has to be read before. */
  body(): Body | Promise<Body> {
    const { checksum, size } = this.#terms;
    if (this.#stream) return { stream: this.#stream, size };
    return checksum || isBlob(this.#data) ? this.#checked() : { bytes: this.#data as Bytes };
  }

  /** @throws IntegrityError for bytes that are not those of the checksum. */
  async #checked(): Promise<Body> {
    const { checksum } = this.#terms;
    const bytes = isBlob(this.#data) ? await bytesOfBlob(this.#data) : (this.#data as Bytes);
    if (checksum) checkDigest(await crypto.subtle.digest("SHA-256", bytes), checksum);
    return { bytes };
  }

  /** After the commit. */
  finish(): void {
    const loaded = this.#stream?.loaded ?? this.#terms.size ?? 0;
    report(this.#terms.onProgress, loaded, loaded);
  }
}

async function bytesOfBlob(blob: Blob): Promise<Bytes> {
  try {
    return new Uint8Array(await blob.arrayBuffer());
  } catch (error) {
    throw sourceFailed(error);
  }
}

class CountedStream extends CallerItems<Bytes> {
  readonly #terms: SourceTerms;
  readonly #hash: IncrementalHash | undefined;
  loaded = 0;

  constructor(items: object, terms: SourceTerms, scope: Operation) {
    super(items, scope);
    this.#terms = terms;
    this.#hash = terms.checksum && sha256();
    // Whatever the put fails with: what the caller's stream holds is freed, and no driver takes that for its end.
    scope.onAbort(() => {
      if (scope.hasBegun) this.drop({ error: scope.aborted?.reason });
    });
  }

  protected override async pull(): Promise<IteratorResult<Bytes>> {
    for (;;) {
      const step: IteratorResult<unknown> = await super.pull();
      if (step.done) return this.#complete();
      const value = bytesOf(step.value);
      if (value === undefined)
        throw new InvalidArgumentError(
          `the stream yields ${typeof step.value}s, and should yield Uint8Arrays`,
        );
      if (value.length > 0) return { value: this.#take(value) };
    }
  }

  #take(chunk: Bytes): Bytes {
    const { size, maxBytes, onProgress } = this.#terms;
    this.loaded += chunk.length;
    if (size === undefined || this.loaded > size) checkSize(this.loaded, { size, maxBytes });
    this.#hash?.update(chunk);
    report(onProgress, this.loaded, size);
    return chunk;
  }

  #complete(): IteratorResult<Bytes> {
    const { checksum } = this.#terms;
    checkSize(this.loaded, this.#terms);
    if (checksum && this.#hash) checkDigest(this.#hash.digest(), checksum);
    return { done: true, value: undefined };
  }
}

function checkSize(found: number | undefined, { size: declared, maxBytes }: SourceTerms): void {
  if (found === undefined) return;
  if (found > maxBytes) throw new TooLargeError(`the body has more than ${maxBytes} bytes`);
  if (declared === undefined || declared === found) return;
  const relation = found > declared ? "more" : `${found}`;
  throw new InvalidArgumentError(`the body was declared with ${declared} bytes and has ${relation}`);
}

function checkDigest(digest: Uint8Array | ArrayBuffer, checksum: { readonly sha256: string }): void {
  if (hex(new Uint8Array(digest)) === checksum.sha256.toLowerCase()) return;
  throw new IntegrityError("the body's SHA-256 is not the checksum that was given with it");
}

export function report(onProgress: OnProgress | undefined, loaded: number, total: number | undefined): void {
  if (onProgress) void quietly(() => onProgress(total === undefined ? { loaded } : { loaded, total }));
}
