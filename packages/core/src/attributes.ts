import { checkContentType, contentTypeOf } from "./content-type.ts";
import { checkHeader, checkMetadata } from "./metadata.ts";
import type { AttributeOptions } from "./operation-options.ts";
import type { Limits, ObjectMetadata } from "./storage-backend.ts";
import type { Attributes, ObjectFacts } from "./storage-driver.ts";

const none: Readonly<Record<string, string>> = Object.freeze({});

/** Bytes of names and values, the same everywhere: what AWS S3 allows. */
const metadataBytes = 2048;

/** The name under which a conditional write remembers who wrote it; a copy leaves it behind. */
export const writeId = "write-id";

/** @throws InvalidArgumentError for what could not come back as it was. */
export function attributesOf(key: string, options: AttributeOptions, limits: Limits): Attributes {
  const { contentType, cacheControl, contentDisposition, contentEncoding, metadata } = options;
  return {
    contentType: contentType === undefined ? contentTypeOf(key) : checkContentType(contentType),
    cacheControl: cacheControl === undefined ? undefined : checkHeader("cacheControl", cacheControl),
    contentDisposition:
      contentDisposition === undefined ? undefined : checkHeader("contentDisposition", contentDisposition),
    contentEncoding: contentEncoding === undefined ? undefined : encodingOf(contentEncoding),
    metadata:
      metadata === undefined ? none : checkMetadata(metadata, Math.min(metadataBytes, limits.metadataBytes)),
    internal: none,
  };
}

/** `aws-chunked` is a framing of one request, never an encoding of what is stored. */
function encodingOf(value: string): string | undefined {
  const tokens = checkHeader("contentEncoding", value).split(",");
  const kept = tokens.map((token) => token.trim()).filter((token) => token.toLowerCase() !== "aws-chunked");
  return kept.length === 0 ? undefined : kept.join(", ");
}

/** What a copy carries over of its source. */
export function copiedAttributes(facts: ObjectFacts): Attributes {
  const { contentType, cacheControl, contentDisposition, contentEncoding, metadata } = facts;
  const { [writeId]: _, ...internal } = facts.internal;
  return { contentType, cacheControl, contentDisposition, contentEncoding, metadata, internal };
}

type VisibleAttributes = Pick<
  ObjectMetadata,
  "contentType" | "cacheControl" | "contentDisposition" | "contentEncoding" | "metadata"
>;

/** The attributes as the caller sees them: what is not set is not there, and nothing is shared with the driver. */
export function visibleAttributes(attributes: Attributes): VisibleAttributes {
  const { contentType, cacheControl, contentDisposition, contentEncoding, metadata } = attributes;
  return {
    contentType,
    ...(cacheControl !== undefined && { cacheControl }),
    ...(contentDisposition !== undefined && { contentDisposition }),
    ...(contentEncoding !== undefined && { contentEncoding }),
    metadata: { ...metadata },
  };
}

export function metadataOf(key: string, facts: ObjectFacts): ObjectMetadata {
  const { size, etag, lastModified } = facts;
  return { key, size, etag, lastModified: new Date(lastModified), ...visibleAttributes(facts) };
}
