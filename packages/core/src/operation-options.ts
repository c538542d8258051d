/** What can be stored. A Node `Readable` is an `AsyncIterable`. A string is stored as UTF-8. */
export type StorageData =
  | string
  | Uint8Array
  | ArrayBuffer
  | Blob
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array>;

export interface OperationOptions {
  /** Ends the call: `AbortSignal.timeout` with TimeoutError, any other reason with AbortedError. */
  readonly signal?: AbortSignal | undefined;
}

/** Bytes moved so far. `total` is missing while nobody knows it. */
export interface Progress {
  readonly loaded: number;
  readonly total?: number | undefined;
}

/**
 * Called as bytes move, never with less than before. What it throws is ignored: to watch a transfer
 * never changes what becomes of it.
 */
export type OnProgress = (progress: Progress) => void;

/** What is stored beside the bytes. */
export interface AttributeOptions {
  /** Default: by the key's extension, else application/octet-stream. */
  readonly contentType?: string | undefined;
  /** Names `[a-z0-9_-]+`, in lower case; at most 2048 bytes of names and values as encoded. Stored and returned as strings. */
  readonly metadata?: Readonly<Record<string, string | number | boolean>> | undefined;
  readonly cacheControl?: string | undefined;
  readonly contentDisposition?: string | undefined;
  readonly contentEncoding?: string | undefined;
}

/** Empty here; a provider package adds its own namespace: `put(key, data, { s3: { storageClass: "GLACIER" } })`. */
// biome-ignore lint/suspicious/noEmptyInterface: it is there to be augmented.
export interface ProviderPutOptions {}

/** Empty here; a provider package adds its own namespace. */
// biome-ignore lint/suspicious/noEmptyInterface: it is there to be augmented.
export interface ProviderUrlOptions {}

export interface PutOptions extends OperationOptions, AttributeOptions, ProviderPutOptions {
  /** Declared length in bytes: a mismatch fails the put with InvalidArgumentError. */
  readonly size?: number | undefined;
  /** In bytes; a longer body is a TooLargeError, and nothing is stored. */
  readonly maxBytes?: number | undefined;
  /** Create only: PreconditionFailedError when there is an object. */
  readonly ifNoneMatch?: "*" | undefined;
  /** Compare and swap: PreconditionFailedError unless this etag is the object's. */
  readonly ifMatch?: string | undefined;
  /** Hex of the body's SHA-256: IntegrityError for other bytes, and nothing is stored. */
  readonly checksum?: { readonly sha256: string } | undefined;
  /** Counts bytes taken from the source; the last call comes after the commit. */
  readonly onProgress?: OnProgress | undefined;
}

/** In bytes, `end` exclusive. */
export type ByteRange =
  | { readonly start: number; readonly end?: number | undefined }
  | { readonly suffix: number };

export interface GetOptions extends OperationOptions {
  readonly range?: ByteRange | undefined;
  /** PreconditionFailedError unless this etag is the object's. */
  readonly ifMatch?: string | undefined;
  /** NotModifiedError while this etag is the object's. */
  readonly ifNoneMatch?: string | undefined;
  /** In bytes of what would be returned; more is a TooLargeError. */
  readonly maxBytes?: number | undefined;
  readonly onProgress?: OnProgress | undefined;
}

export interface DeleteOptions extends OperationOptions {
  /** PreconditionFailedError when there is an object with another etag. */
  readonly ifMatch?: string | undefined;
}

export interface CopyOptions extends OperationOptions {
  /** Of the source. */
  readonly ifMatch?: string | undefined;
  /** On the target. */
  readonly ifNoneMatch?: "*" | undefined;
  /** All attributes anew, or none. */
  readonly replace?: AttributeOptions | undefined;
}

export interface ListKeysOptions extends OperationOptions {
  /** A plain string prefix, not a folder. Default: "". */
  readonly prefix?: string | undefined;
  /** Default: 1000. */
  readonly limit?: number | undefined;
}

export interface ListOptions extends OperationOptions {
  /** A plain string prefix, not a folder. Default: "". */
  readonly prefix?: string | undefined;
  /** Only keys that come after this one. */
  readonly startAfter?: string | undefined;
  /** Default: none for `list`, 1000 for `listPage`. */
  readonly limit?: number | undefined;
}

export interface ListPageOptions extends ListOptions {
  /** Keys that share what lies between the prefix and this string are folded into one of `prefixes`. */
  readonly delimiter?: string | undefined;
  /** Of the page before, of the same query. */
  readonly cursor?: string | undefined;
}

export interface UrlOptions extends OperationOptions, ProviderUrlOptions {
  /** Seconds, 1 to 604800. Default: the backend's `urlExpiresIn`. */
  readonly expiresIn?: number | undefined;
  /** True: save under the key's last segment. A string: under that name. Default: false. */
  readonly download?: boolean | string | undefined;
  /** Of the response, signed. */
  readonly contentType?: string | undefined;
  /** Of the response, signed. */
  readonly cacheControl?: string | undefined;
  /** Default true: FileNotFoundError for a missing key. False signs without any I/O. */
  readonly mustExist?: boolean | undefined;
}

export interface UploadUrlOptions extends OperationOptions {
  /** Default: "PUT". */
  readonly method?: "PUT" | "POST" | undefined;
  /** Seconds, 1 to 604800. Default: the backend's `urlExpiresIn`. */
  readonly expiresIn?: number | undefined;
  /** Default: by the key's extension. */
  readonly contentType?: string | undefined;
  /** The exact length in bytes. */
  readonly size?: number | undefined;
  readonly minBytes?: number | undefined;
  readonly maxBytes?: number | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly ifNoneMatch?: "*" | undefined;
  readonly checksum?: { readonly sha256: string } | undefined;
  /** A resumable upload in parts. Default: false. */
  readonly parts?: boolean | undefined;
}

export interface SweepOptions extends OperationOptions {
  /** Milliseconds; younger leftovers stay, for they may be a live writer's. Default: a day. */
  readonly olderThan?: number | undefined;
}

export interface CloseOptions {
  /** Milliseconds that what is under way may still take. Default: 10000. */
  readonly timeout?: number | undefined;
}
