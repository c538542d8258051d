import {
  checkDigest,
  checkSize,
  MeteredStream,
  report,
  type SourceTerms,
  sourceFailed,
} from "./metered-stream.ts";
import type { StorageData } from "./operation-options.ts";
import { sha256, sha256Of } from "./runtime.ts";
import { bytesOf, isBlob, isBytes, type Streamed, streamedOf } from "./source-data.ts";
import type { Body, Bytes } from "./storage-driver.ts";

/** A Blob up to this size is taken as bytes: a stream for a small body costs three times as much. */
const smallBlob = 1024 * 1024;

/**
 * The caller's data on its way to a driver: counted, limited, checked, and reported.
 * Everything that can be seen without reading it is refused by the constructor.
 */
export class Source {
  readonly #terms: SourceTerms;
  readonly #data: Bytes | Streamed;
  #metered: MeteredStream | undefined;

  constructor(data: StorageData, terms: SourceTerms) {
    this.#data = bytesOf(data) ?? streamedOf(data);
    const size = sizeOf(this.#data) ?? terms.size;
    if (size !== undefined) checkSize(size, terms);
    if (terms.checksum !== undefined && isStreamed(this.#data)) sha256();
    this.#terms = { ...terms, size };
  }

  /** Once. @throws IntegrityError for bytes that are not those of the checksum. */
  async body(signal: AbortSignal): Promise<Body> {
    const data = this.#data;
    if (isStreamed(data)) {
      this.#metered = new MeteredStream(data, this.#terms, signal);
      return { stream: this.#metered, size: this.#terms.size };
    }
    const bytes = isBlob(data) ? await bytesOfBlob(data) : data;
    const { checksum } = this.#terms;
    if (checksum !== undefined) checkDigest(await sha256Of(bytes), checksum);
    return { bytes };
  }

  /** After the commit. */
  finish(size: number): void {
    report(this.#terms.onProgress, size, size);
  }

  /** After a failure: frees what the caller's stream holds. */
  discard(): void {
    this.#metered?.discard();
  }
}

function sizeOf(data: Bytes | Streamed): number | undefined {
  if (isBlob(data)) return data.size;
  return isBytes(data) ? data.length : undefined;
}

function isStreamed(data: Bytes | Streamed): data is Streamed {
  return isBlob(data) ? data.size > smallBlob : !isBytes(data);
}

async function bytesOfBlob(blob: Blob): Promise<Bytes> {
  try {
    return new Uint8Array(await blob.arrayBuffer());
  } catch (error) {
    throw sourceFailed(error);
  }
}
