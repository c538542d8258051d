import type { Limits, SignedUpload, SignedUploadTerms, Signer } from "./storage-backend.ts";
import type { Outcome, StorageErrorCode } from "./storage-error.ts";

/** Always a plain Uint8Array over an ArrayBuffer, never a Buffer, whose `slice` aliases. */
export type Bytes = Uint8Array<ArrayBuffer>;

/**
 * Single use. What `write` is given is borrowed: `bytes` until the method settles, a chunk until the
 * next one is asked for; copy what you keep. What `read` returns belongs to the caller.
 *
 * A body that ends by throwing must leave nothing stored: a wrong size, a wrong checksum, too many
 * bytes and an abort all reach the driver as that one event.
 *
 * A stream's iterator that is dropped early gets `return()`, also when `next()` was never called: an
 * async generator does not run its `finally` then, so free what you hold when the call's signal
 * aborts, or write the iterator by hand.
 */
export type Body =
  | { readonly bytes: Bytes; readonly stream?: never }
  | { readonly stream: AsyncIterable<Bytes>; readonly size?: number | undefined; readonly bytes?: never };

export interface Attributes {
  readonly contentType: string;
  readonly cacheControl?: string | undefined;
  readonly contentDisposition?: string | undefined;
  readonly contentEncoding?: string | undefined;
  /** The caller's pairs: checked, lower case, plain text (`encodeMetadata` for a service that wants ASCII). */
  readonly metadata: Readonly<Record<string, string>>;
  /**
   * Pairs of core and layers (write id, original size), beside the caller's and never shown to one.
   * Names `[a-z0-9-]+`. They survive copies, save for the write id.
   */
  readonly internal: Readonly<Record<string, string>>;
}

/** What a write knows without a second request; core adds the attributes that it sent. */
export interface WriteFacts {
  readonly size: number;
  readonly etag: string;
  readonly lastModified?: Date | undefined;
}

export interface ObjectFacts extends Attributes {
  readonly size: number;
  readonly etag: string;
  readonly lastModified: Date;
}

/** Checked by core, never empty: an empty range is answered by a head. */
export type RangeRequest =
  | { readonly start: number; readonly end?: number | undefined; readonly suffix?: never }
  | { readonly suffix: number; readonly start?: never; readonly end?: never };

export interface ResolvedRange {
  readonly start: number;
  readonly end: number;
}

export interface Call {
  /** The caller's signal, the backend's close and the timeouts, in one. */
  readonly signal: AbortSignal;
  /**
   * One request under core's retries, slots, timeouts and events. Only a method that sends several
   * needs it (parts of an upload); what it throws is final. `bytes` go with it, or are moved by it: so
   * much longer is its answer waited for. Default: 0.
   */
  attempt<T>(request: (signal: AbortSignal) => Promise<T>, bytes?: number): Promise<T>;
}

export interface WriteCall extends Call {
  readonly ifNoneMatch?: "*" | undefined;
  readonly ifMatch?: string | undefined;
  /** The caller's options in the driver's own namespace. */
  readonly provider?: Readonly<Record<string, unknown>> | undefined;
}

export interface ReadCall extends Call {
  readonly range?: RangeRequest | undefined;
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
}

export interface RemoveCall extends Call {
  readonly ifMatch?: string | undefined;
}

export interface CopyCall extends Call {
  /** Of the source. */
  readonly ifMatch?: string | undefined;
  /** On the target. */
  readonly ifNoneMatch?: "*" | undefined;
  readonly replace?: Omit<Attributes, "internal"> | undefined;
}

export interface ListCall extends Call {
  readonly prefix: string;
  readonly delimiter?: string | undefined;
  /** Entries and prefixes together, at least 1. Fewer may be returned, with `more`. */
  readonly limit: number;
  readonly keysOnly: boolean;
  /**
   * Exclusive, a key or a folded prefix (then nothing inside it either). Always honoured; `cursor`,
   * where both are given, is the same place in the service's own words.
   */
  readonly after?: string | undefined;
  readonly cursor?: string | undefined;
}

/** With `keysOnly` only `key` is needed; otherwise size and lastModified are there. */
export interface DriverEntry {
  readonly key: string;
  readonly size?: number | undefined;
  readonly etag?: string | undefined;
  readonly lastModified?: Date | undefined;
}

export interface DriverPage {
  readonly entries: readonly DriverEntry[];
  readonly prefixes: readonly string[];
  readonly more: boolean;
  readonly cursor?: string | undefined;
}

export interface ReadResult {
  readonly facts: ObjectFacts;
  readonly body: Body;
  /** What the body holds, where a range was asked for. */
  readonly range?: ResolvedRange | undefined;
}

export interface Link {
  /** Seconds. */
  readonly expiresIn: number;
  readonly disposition?: string | undefined;
  readonly contentType?: string | undefined;
  readonly cacheControl?: string | undefined;
  readonly provider?: Readonly<Record<string, unknown>> | undefined;
}

export interface UploadLink extends Call, SignedUploadTerms {
  readonly method: "PUT" | "POST";
  /** Seconds. */
  readonly expiresIn: number;
}

/** Of options only; whether a method is there is seen from the method. */
export interface Features {
  readonly createOnly: boolean;
  readonly compareAndSwap: boolean;
  readonly conditionalDelete: boolean;
  readonly copyIfMatch: boolean;
  readonly copyCreateOnly: boolean;
  readonly rangeReads: boolean;
  readonly userMetadata: boolean;
  readonly contentType: boolean;
  readonly contentEncoding: boolean;
  readonly contentDisposition: boolean;
  readonly cacheControl: boolean;
  readonly delimiter: boolean;
  readonly orderedListing: boolean;
  readonly keyAndPrefix: boolean;
  readonly uploadMethods: readonly ("PUT" | "POST")[];
  readonly uploadParts: boolean;
  /** The name its provider options go by, "s3". */
  readonly provider?: string | undefined;
}

/** What a driver's `classify` makes of an error of its service. */
export interface Classified {
  readonly code: StorageErrorCode;
  /** Seconds. */
  readonly retryAfter?: number | undefined;
  readonly requestId?: string | undefined;
  /** One sentence for the message: what to do. */
  readonly hint?: string | undefined;
  /** Of a write. Default: "unknown" where no clear answer came, else "not-applied". */
  readonly outcome?: Outcome | undefined;
}

export type DriverOperation =
  | "write"
  | "read"
  | "head"
  | "remove"
  | "list"
  | "copy"
  | "sign"
  | "health"
  | "sweep";

/**
 * What adapters and layers implement. When a method runs, core has checked key, options and metadata,
 * turned the data into a `Body`, answered empty ranges, and wired signal, limits, progress and
 * checksum. A missing object is a FileNotFoundError, or what `classify` takes for one.
 */
export interface StorageDriver {
  readonly name: string;
  readonly layers?: readonly string[] | undefined;
  readonly features: Features;
  readonly limits: Limits;
  readonly signer?: Signer | undefined;
  /**
   * Whether the calls that write nothing under a key (get, open, getMetadata, exists, delete, and copy's
   * source) take whatever the service holds. Of the backend alone: layers see legal keys.
   */
  readonly foreignKeys?: boolean | undefined;
  /** Seconds. Set by core on what `driverOf` gives, so that layers keep the backend's default. */
  readonly urlExpiresIn?: number | undefined;

  /** Commits body and attributes in one step: a reader sees the old object or the new one, whole. */
  write(key: string, body: Body, attributes: Attributes, call: WriteCall): Promise<WriteFacts>;
  /** Facts and body are of the same write. `checkRead` and `resolveRange` answer conditions and ranges. */
  read(key: string, call: ReadCall): Promise<ReadResult>;
  head(key: string, call: Call): Promise<ObjectFacts>;
  /** Whether it was there; a missing object is false, also with `ifMatch`. */
  remove(key: string, call: RemoveCall): Promise<boolean>;
  /** In ascending order of UTF-8 bytes. */
  list(call: ListCall): Promise<DriverPage>;
  /** At most 1000 keys; the causes of those that failed. */
  removeMany?: ((keys: readonly string[], call: Call) => Promise<ReadonlyMap<string, unknown>>) | undefined;
  /** Never onto itself without `replace`. */
  copy?: ((source: string, target: string, call: CopyCall) => Promise<ObjectFacts>) | undefined;
  /** Only where the service can rename in one step. Never onto itself. */
  move?: ((source: string, target: string, call: CopyCall) => Promise<ObjectFacts>) | undefined;
  /** A string when it can be signed with what is at hand, else a function that does the I/O. */
  signUrl?: ((key: string, link: Link) => string | ((call: Call) => Promise<string>)) | undefined;
  signUpload?: ((key: string, link: UploadLink) => Promise<SignedUpload>) | undefined;
  checkHealth?: ((call: Call) => Promise<void>) | undefined;
  sweep?: ((call: Call & { readonly olderThan: number }) => Promise<{ removed: number }>) | undefined;
  close?: (() => Promise<void>) | undefined;
  /**
   * A leaf has it. A layer has none: what `driverOf` gives it throws StorageErrors already. A
   * StorageError is never passed in.
   */
  classify?: ((cause: unknown, operation: DriverOperation) => Classified) | undefined;
}
