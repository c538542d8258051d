import { contentDisposition, type ObjectMetadata, type SignedRequest } from "@storage/core";
import { isPdf, isShown } from "./inline-types.ts";

export interface FileHeaderOptions {
  readonly inlinePdf: boolean;
}

/**
 * Nothing runs, nothing is loaded, and the page has an origin of its own; the rest is what browsers
 * need to show a picture, a sound or a video by itself.
 */
const sandbox =
  "sandbox; default-src 'none'; img-src 'self' data:; media-src 'self'; style-src 'unsafe-inline'";
/** Chromium's PDF viewer does not start in a sandbox. */
const pdfPolicy = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'";

/** What a GET says of an object beside its length; HEAD and 206 say the same. */
export function fileHeaders(
  metadata: ObjectMetadata,
  link: SignedRequest,
  options: FileHeaderOptions,
): Record<string, string> {
  const contentType = link.contentType ?? metadata.contentType;
  const shownPdf = options.inlinePdf && isPdf(contentType);
  const disposition = dispositionOf(metadata, link, shownPdf || isShown(contentType));
  const headers: Record<string, string> = {
    ...validatorHeaders(metadata, link),
    "content-type": contentType,
    "content-security-policy": shownPdf ? pdfPolicy : sandbox,
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
