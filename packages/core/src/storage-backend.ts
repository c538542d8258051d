import type { Capabilities } from "./capabilities.ts";
import type {
  CloseOptions,
  CopyOptions,
  DeleteOptions,
  GetOptions,
  ListKeysOptions,
  ListOptions,
  ListPageOptions,
  OperationOptions,
  PutOptions,
  StorageData,
  SweepOptions,
  UploadUrlOptions,
  UrlOptions,
} from "./operation-options.ts";
import type { Attributes } from "./storage-driver.ts";
import type { StorageError } from "./storage-error.ts";

/**
 * What applications hold: every provider package exports one, every layer returns one.
 *
 * Every method checks, in this order: ClosedError, InvalidKeyError, InvalidArgumentError,
 * NotSupportedError, the signal; only then comes I/O. All errors inherit StorageError.
 */
export interface StorageBackend extends AsyncDisposable {
  /** As health, metrics and errors show it, "S3Backend"; under layers it stays the innermost's. */
  readonly name: string;
  /** From the outside in. */
  readonly layers: readonly string[];
  readonly capabilities: Capabilities;
  readonly limits: Limits;
  /** Only where links are our own. */
  readonly signer?: Signer | undefined;

  /** Stores the object whole, body and attributes, or leaves what was there. */
  put(key: string, data: StorageData, options?: PutOptions): Promise<PutResult>;
  /** The object's bytes, all in memory. @throws FileNotFoundError */
  get(key: string, options?: GetOptions): Promise<Uint8Array<ArrayBuffer>>;
  /** One round trip: the metadata, then the body once, as a stream. @throws FileNotFoundError */
  open(key: string, options?: GetOptions): Promise<StoredObject>;
  /** True when the object was there, false when it was not. */
  delete(key: string, options?: DeleteOptions): Promise<boolean>;
  /** Key by key: one failure, or one bad key, does not keep the others. */
  deleteMany(
    keys: Iterable<string> | AsyncIterable<string>,
    options?: OperationOptions,
  ): Promise<DeleteManyResult>;
  /** False only when the object is not there; an outage or a refusal throws. */
  exists(key: string, options?: OperationOptions): Promise<boolean>;
  /** @throws FileNotFoundError */
  getMetadata(key: string, options?: OperationOptions): Promise<ObjectMetadata>;
  /** Body and attributes. Onto itself it does nothing, or rewrites the attributes with `replace`. */
  copy(source: string, target: string, options?: CopyOptions): Promise<ObjectMetadata>;
  /** As `copy`, and then the source is gone; a write to it in between is not lost. */
  move(source: string, target: string, options?: CopyOptions): Promise<ObjectMetadata>;
  /** At most `limit` keys, 1000 by default, in ascending order of UTF-8 bytes: `list` gives all of them. */
  listKeys(options?: ListKeysOptions): Promise<string[]>;
  list(options?: ListOptions): AsyncIterable<ListEntry>;
  listPage(options?: ListPageOptions): Promise<ListPage>;
  /** Works in a plain `fetch`, with no credentials. */
  getUrl(key: string, options?: UrlOptions): Promise<string>;
  /** Lets somebody without credentials store this one object. */
  getUploadUrl(key: string, options?: UploadUrlOptions): Promise<SignedUpload>;
  /** Rejects with the typed error that a real call would meet. */
  checkHealth(options?: OperationOptions): Promise<void>;
  /** Removes what killed processes left: temp files, unfinished uploads. */
  sweep(options?: SweepOptions): Promise<{ removed: number }>;
  /** Lets what is under way end, then aborts it; later calls are ClosedError. */
  close(options?: CloseOptions): Promise<void>;
}

export interface ObjectMetadata {
  readonly key: string;
  /** In bytes. */
  readonly size: number;
  readonly contentType: string;
  /** Opaque, without quotes; changes with every write. */
  readonly etag: string;
  /** Reliable to the second. */
  readonly lastModified: Date;
  readonly cacheControl?: string | undefined;
  readonly contentDisposition?: string | undefined;
  readonly contentEncoding?: string | undefined;
  /** The caller's own pairs, in a space of their own. */
  readonly metadata: Record<string, string>;
}

export interface PutResult extends Omit<ObjectMetadata, "lastModified"> {
  /** Where the service tells; never bought with a second request. */
  readonly lastModified?: Date | undefined;
  /** What `getUrl(key)` would give, computed when read; undefined where signing takes I/O. */
  readonly url?: string | undefined;
}

export interface StoredObject extends ObjectMetadata, AsyncDisposable {
  /** The body, once. Dropping or cancelling it frees what it holds. */
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** What `body` holds of the object, when a range was asked for; `size` stays the whole object's. */
  readonly range?: { readonly start: number; readonly end: number } | undefined;
  bytes(): Promise<Uint8Array<ArrayBuffer>>;
  text(): Promise<string>;
  json<T = unknown>(): Promise<T>;
}

export interface DeleteManyResult {
  /** Absent afterwards, in the order they came. */
  readonly deleted: string[];
  readonly failed: { readonly key: string; readonly error: StorageError }[];
}

export interface ListEntry {
  readonly key: string;
  /** In bytes, as stored: under a layer that changes bytes, knowing better would take a request per entry. */
  readonly size: number;
  readonly etag?: string | undefined;
  readonly lastModified: Date;
}

export interface ListPage {
  readonly entries: ListEntry[];
  readonly prefixes: string[];
  /** Missing on the last page. */
  readonly cursor?: string | undefined;
}

export interface SignedUpload {
  readonly method: "PUT" | "POST";
  readonly url: string;
  /** To be sent as they are. */
  readonly headers: Record<string, string>;
  /** Of POST: form fields to be sent before the file. */
  readonly fields?: Record<string, string> | undefined;
  readonly expiresAt: Date;
  readonly parts?: SignedParts | undefined;
}

/** A resumable upload in parts: where to send each of them, and how to end it. */
export interface SignedParts {
  /** In bytes, of every part but the last. */
  readonly partSize: number;
  /** One for each part, in order; each answers with an ETag. */
  readonly urls: readonly string[];
  readonly completeUrl: string;
  readonly abortUrl: string;
}

/** What a backend can hold, in bytes. */
export interface Limits {
  readonly keyBytes: number;
  readonly segmentBytes: number;
  readonly metadataBytes: number;
  readonly objectBytes: number;
}

/** Verifies the links of one backend. A handler serves `signer.backend`, never the backend that the app happens to hold. */
export interface Signer {
  readonly backend: StorageBackend;
  /** The path of its `baseUrl`, without a slash at the end: where a handler of its links has to stand. */
  readonly basePath: string;
  /**
   * Where the parts of uploads wait until all are there, as `{uploadId}/{part}`: beside the objects, seen
   * by no read and no listing of theirs. Its listings tell etags. Missing where there are no such uploads.
   */
  readonly parts?: StorageBackend | undefined;
  /** @throws PermissionDeniedError for a link that is forged, has expired, or is another backend's. */
  verify(request: { readonly method: string; readonly url: string }): Promise<SignedRequest>;
}

/** What a verified link allows. */
export interface SignedRequest {
  readonly key: string;
  /** Of an upload in parts PUT sends one of them, POST ends it and DELETE gives it up. */
  readonly method: "GET" | "PUT" | "POST" | "DELETE";
  readonly expiresAt: Date;
  readonly disposition?: string | undefined;
  readonly contentType?: string | undefined;
  readonly cacheControl?: string | undefined;
  /** Of an upload as a whole, and of the end of one in parts. */
  readonly upload?: SignedUploadTerms | undefined;
  /** Of an upload in parts. */
  readonly uploadId?: string | undefined;
  /** The one that may be sent, from 1 on. */
  readonly part?: number | undefined;
  /** In bytes: of the part that may be sent; of every part but the last, where the upload is ended. */
  readonly partSize?: number | undefined;
}

/** What an upload has to be, to be accepted. */
export interface SignedUploadTerms {
  readonly attributes: Attributes;
  readonly parts: boolean;
  readonly size?: number | undefined;
  readonly minBytes?: number | undefined;
  readonly maxBytes?: number | undefined;
  readonly ifNoneMatch?: "*" | undefined;
  readonly sha256?: string | undefined;
}
