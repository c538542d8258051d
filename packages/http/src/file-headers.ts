import { contentDisposition, type ObjectMetadata, type SignedRequest } from "@storage/core";
import { isMedia, isPdf, isShown } from "./shown-types.ts";

export interface FileHeaderOptions {
  readonly inlinePdf: boolean;
}

const nothingLoaded = "default-src 'none'; img-src 'self' data:; media-src 'self'; style-src 'unsafe-inline'";
/** Nothing runs, and the page has an origin of its own; Chromium 156 shows pictures, text and PDFs so. */
const sandbox = `sandbox; ${nothingLoaded}`;
/** Chromium's page for a sound or a video asks for it with its own origin, and gets it from no other. */
const mediaPolicy = `sandbox allow-same-origin; ${nothingLoaded}`;
/** What a GET says of an object beside its length; HEAD and 206 say the same. */
export function fileHeaders(
  metadata: ObjectMetadata,
  link: SignedRequest,
  options: FileHeaderOptions,
): Record<string, string> {
  const contentType = link.contentType ?? metadata.contentType;
  const shown = isShown(contentType) || (options.inlinePdf && isPdf(contentType));
  const disposition = dispositionOf(metadata, link, shown);
  const headers: Record<string, string> = {
    ...validatorHeaders(metadata, link),
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
  link: SignedRequest,
): Record<string, string> {
  return {
    etag: `"${etag}"`,
    "last-modified": lastModified.toUTCString(),
    "cache-control": link.cacheControl ?? privately(link.expiresAt),
  };
}

/** A copy must not outlive the permission to have it. */
function privately(expiresAt: Date): string {
  const seconds = Math.max(0, Math.floor((expiresAt.getTime() - Date.now()) / 1000));
  return `private, max-age=${seconds}`;
}

/** What the link says, then what the object says, save that what a browser would run is never shown. */
function dispositionOf(metadata: ObjectMetadata, link: SignedRequest, shown: boolean): string | undefined {
  if (link.disposition !== undefined) return link.disposition;
  const stored = metadata.contentDisposition;
  if (shown || /^\s*attachment\s*(;|$)/i.test(stored ?? "")) return stored;
  return contentDisposition(link.key.slice(link.key.lastIndexOf("/") + 1));
}
