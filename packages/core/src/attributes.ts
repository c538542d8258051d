import { contentTypeOf } from "./content-type.ts";
import { checkMetadata } from "./metadata.ts";
import type { AttributeOptions } from "./operation-options.ts";
import type { Limits, ObjectMetadata, PutResult } from "./storage-backend.ts";
import type { Attributes, ObjectFacts, WriteFacts } from "./storage-driver.ts";

/** Bytes of names and values, the same everywhere: what AWS S3 allows. */
const metadataBytes = 2048;

/** The name under which a conditional write remembers who wrote it; a copy leaves it behind. */
export const writeId = "write-id";

/** @throws InvalidArgumentError for what could not come back as it was. */
export function attributesOf(
  key: string,
  options: AttributeOptions,
  limits: Limits,
): Omit<Attributes, "internal"> {
  const { contentType = contentTypeOf(key), cacheControl, contentDisposition, metadata } = options;
  return {
    contentType,
    cacheControl,
    contentDisposition,
    contentEncoding: storedEncoding(options.contentEncoding),
    metadata: metadata ? checkMetadata(metadata, Math.min(metadataBytes, limits.metadataBytes)) : {},
  };
}

/** `aws-chunked` is a framing of one request, never an encoding of what is stored. */
function storedEncoding(value: string | undefined): string | undefined {
  const kept = value?.split(/ *, */).filter((token) => !/^aws-chunked$/i.test(token));
  return kept?.join(", ") || undefined;
}

/** What a copy carries over of its source. */
export function copiedAttributes(facts: ObjectFacts): Attributes {
  const { contentType, cacheControl, contentDisposition, contentEncoding, metadata } = facts;
  const { [writeId]: _, ...internal } = facts.internal;
  return { contentType, cacheControl, contentDisposition, contentEncoding, metadata, internal };
}

const rare = ["cacheControl", "contentDisposition", "contentEncoding"] as const;

type Fields<T> = { -readonly [Name in keyof T]: T[Name] };

/** What the caller sees: what is not set is not there, and nothing is shared with the driver. */
export function metadataOf(key: string, facts: ObjectFacts, attributes: Attributes): ObjectMetadata;
export function metadataOf(key: string, facts: WriteFacts, attributes: Attributes): PutResult;
export function metadataOf(key: string, facts: WriteFacts, attributes: Attributes): PutResult {
  const { size, etag, lastModified } = facts;
  const { contentType } = attributes;
  const metadata: Fields<PutResult> = { key, size, etag, contentType, metadata: { ...attributes.metadata } };
  // Not a literal with all of them that is filtered: each put and head makes one of these.
  if (lastModified) metadata.lastModified = new Date(lastModified);
  for (const name of rare) if (attributes[name] !== undefined) metadata[name] = attributes[name];
  return metadata;
}
