import { contentDisposition, type ObjectMetadata } from "@storage/core";
import { isMedia, isPdf, isShown } from "./shown-types.ts";

/** What is said of an object in place of, or beside, what is stored with it. */
export interface ResponseTerms {
  readonly key: string;
  readonly cacheControl: string;
  readonly disposition?: string | undefined;
  readonly contentType?: string | undefined;
  readonly inlinePdf: boolean;
}

const nothingLoaded = "default-src 'none'; img-src 'self' data:; media-src 'self'; style-src 'unsafe-inline'";
/** Nothing runs, and the page has an origin of its own; Chromium 156 shows pictures, text and PDFs so. */
const sandbox = `sandbox; ${nothingLoaded}`;
/** Chromium's page for a sound or a video asks for it with its own origin, and gets it from no other. */
const mediaPolicy = `sandbox allow-same-origin; ${nothingLoaded}`;

/** What a GET says of an object beside its length; HEAD and 206 say the same. */
export function fileHeaders(metadata: ObjectMetadata, terms: ResponseTerms): Record<string, string> {
  const contentType = terms.contentType ?? metadata.contentType;
  const shown = isShown(contentType) || (terms.inlinePdf && isPdf(contentType));
  const disposition = dispositionOf(metadata, terms, shown);
  const headers: Record<string, string> = {
    ...validatorHeaders(metadata, terms),
    "content-type": contentType,
    "content-security-policy": shown && isMedia(contentType) ? mediaPolicy : sandbox,
    "x-content-type-options": "nosniff",
  };
  if (disposition !== undefined) headers["content-disposition"] = disposition;
  if (metadata.contentEncoding !== undefined) {
    headers["content-encoding"] = metadata.contentEncoding;
  }
  return headers;
}

/** What a 304 repeats of them (RFC 9110, 15.4.5). */
export function validatorHeaders(
  { etag, lastModified }: Pick<ObjectMetadata, "etag" | "lastModified">,
  { cacheControl }: ResponseTerms,
): Record<string, string> {
  return { etag: `"${etag}"`, "last-modified": lastModified.toUTCString(), "cache-control": cacheControl };
}

/** What was asked for, then what the object says, save that what a browser would run is never shown. */
function dispositionOf(metadata: ObjectMetadata, terms: ResponseTerms, shown: boolean): string | undefined {
  if (terms.disposition !== undefined) return terms.disposition;
  const stored = metadata.contentDisposition;
  if (shown || /^\s*attachment\s*(;|$)/i.test(stored ?? "")) return stored;
  return contentDisposition(lastSegmentOf(terms.key));
}

/** What a file is saved as, where nobody says another name. */
export const lastSegmentOf = (key: string): string => key.slice(key.lastIndexOf("/") + 1);
