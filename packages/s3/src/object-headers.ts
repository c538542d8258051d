import type { PutObjectCommandInput } from "@aws-sdk/client-s3";
import {
  type Attributes,
  decodeMetadata,
  encodeMetadata,
  type ObjectFacts,
  UnavailableError,
} from "@storage/core";
import type { S3Features } from "./s3-features.ts";
import { type S3PutOptions, storedOptions } from "./s3-options.ts";
import type { S3Service } from "./services.ts";

/** What PutObject, CreateMultipartUpload and CopyObject are told of an object, in the SDK's words. */
export type ObjectInput = Pick<PutObjectCommandInput, keyof typeof headerNames | "Metadata">;

/** The same in HTTP's ("PutObject" in the S3 API reference). */
const headerNames = {
  ContentType: "content-type",
  CacheControl: "cache-control",
  ContentDisposition: "content-disposition",
  ContentEncoding: "content-encoding",
  StorageClass: "x-amz-storage-class",
  ServerSideEncryption: "x-amz-server-side-encryption",
  SSEKMSKeyId: "x-amz-server-side-encryption-aws-kms-key-id",
  Tagging: "x-amz-tagging",
  ACL: "x-amz-acl",
  ObjectLockMode: "x-amz-object-lock-mode",
  ObjectLockRetainUntilDate: "x-amz-object-lock-retain-until-date",
  ObjectLockLegalHoldStatus: "x-amz-object-lock-legal-hold",
} as const;

const metadataPrefix = "x-amz-meta-";
/**
 * Of pairs that are core's and the layers', whose names begin with a letter. A caller's that begins so has a
 * hyphen more. (Proxies drop headers with other characters: nginx does by default.)
 */
const internalPrefix = "storage--";
const internalName = /^storage--(?!-)/;
/** What is stored for an underscore where the service does not keep one. */
const underscore = "..";

export interface HeadersSettings
  extends Pick<S3Features, "underscores">,
    Pick<S3Service, "quotedEtags" | "decodesMetadata"> {}

/** How one service writes down what is told of an object. */
export class ObjectHeaders {
  readonly #keepsUnderscores: boolean;
  readonly #quotesEtags: boolean;
  readonly #decodesMetadata: boolean;

  constructor({ underscores, quotedEtags, decodesMetadata }: HeadersSettings) {
    this.#decodesMetadata = decodesMetadata;
    this.#keepsUnderscores = underscores;
    this.#quotesEtags = quotedEtags;
  }

  /** In a condition of a write. */
  writtenEtag(etag: string): string {
    return this.#quotesEtags ? `"${etag}"` : etag;
  }

  inputOf(attributes: Attributes, options: S3PutOptions = {}): ObjectInput {
    const { contentType, cacheControl, contentDisposition, contentEncoding, metadata, internal } = attributes;
    const pairs = [
      ...Object.entries(metadata).map(([name, value]) => [this.#stored(name), value] as const),
      ...Object.entries(internal).map(([name, value]) => [internalPrefix + name, value] as const),
    ];
    return {
      ContentType: contentType,
      CacheControl: cacheControl,
      ContentDisposition: contentDisposition,
      ContentEncoding: contentEncoding,
      Metadata: Object.fromEntries(pairs.map(([name, value]) => [name, this.#encoded(value)])),
      ...storedOptions(options),
    };
  }

  /** The same as headers. */
  headersOf(attributes: Attributes, options?: S3PutOptions): Record<string, string> {
    return asHeaders(this.inputOf(attributes, options));
  }

  /** `size` is the whole object's. @throws UnavailableError for an answer that no S3 gives. */
  factsOf(headers: Readonly<Record<string, string>>, size: number): ObjectFacts {
    const metadata: [name: string, value: string][] = [];
    const internal: [name: string, value: string][] = [];
    for (const [header, value] of Object.entries(headers)) {
      if (!header.startsWith(metadataPrefix)) continue;
      const name = header.slice(metadataPrefix.length);
      if (internalName.test(name)) internal.push([name.slice(internalPrefix.length), decodeMetadata(value)]);
      else metadata.push([this.#told(name), decodeMetadata(value)]);
    }
    const lastModified = new Date(headers["last-modified"] ?? "");
    const etag = unquoted(headers.etag);
    if (etag === undefined || Number.isNaN(lastModified.getTime()) || !Number.isSafeInteger(size))
      throw new UnavailableError(
        "the answer has no etag, date or length: what answers is no S3, or a proxy changed it",
      );
    return {
      size,
      etag,
      lastModified,
      contentType: headers["content-type"] ?? "application/octet-stream",
      cacheControl: headers["cache-control"],
      contentDisposition: headers["content-disposition"],
      contentEncoding: withoutFraming(headers["content-encoding"]),
      metadata: Object.fromEntries(metadata),
      internal: Object.fromEntries(internal),
    };
  }

  /** What is ASCII under its encoding comes back from R2 decoded once, and so it is encoded once more. */
  #encoded(value: string): string {
    const once = encodeMetadata(value);
    const comesBackBare = this.#decodesMetadata && once !== value && /^[ -~]*$/.test(value);
    return comesBackBare ? encodeMetadata(once) : once;
  }

  #stored(name: string): string {
    const own = name.startsWith(internalPrefix) ? name.replace(internalPrefix, `${internalPrefix}-`) : name;
    return this.#keepsUnderscores ? own : own.replaceAll("_", underscore);
  }

  #told(name: string): string {
    const own = name.startsWith(`${internalPrefix}-`) ? name.replace(/--/, "-") : name;
    return this.#keepsUnderscores ? own : own.replaceAll(underscore, "_");
  }
}

function asHeaders({ Metadata = {}, ...input }: ObjectInput): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, header] of Object.entries(headerNames)) {
    const value: unknown = Reflect.get(input, name);
    if (value !== undefined) headers[header] = value instanceof Date ? value.toISOString() : String(value);
  }
  for (const [name, value] of Object.entries(Metadata)) headers[metadataPrefix + name] = value;
  return headers;
}

export function unquoted(etag: string | undefined): string | undefined {
  return etag?.replace(/^(?:W\/)?"(.*)"$/, "$1");
}

/** `aws-chunked` frames a request; some services store it with the object. */
function withoutFraming(encoding: string | undefined): string | undefined {
  const kept = encoding?.split(/ *, */).filter((token) => token !== "aws-chunked");
  return kept?.join(", ") || undefined;
}

export function sizeOf(length: string | undefined): number {
  return length !== undefined && /^\d+$/.test(length) ? Number(length) : Number.NaN;
}

/** `bytes 0-9/100`. */
export function contentRange(
  header: string | undefined,
): { start: number; end: number; size: number } | undefined {
  const found = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(header ?? "");
  if (found === null) return undefined;
  const [start = 0, last = 0, size = 0] = found.slice(1).map(Number);
  return { start, end: last + 1, size };
}
