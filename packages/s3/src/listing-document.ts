import type { DriverEntry } from "@storage/core";
import { failureOf, unlikeS3 } from "./failure.ts";
import { decodeKey } from "./keys.ts";
import { unquoted } from "./object-headers.ts";

/** What an answer of ListObjectsV2 says. */
export interface Listing {
  readonly entries: readonly DriverEntry[];
  readonly prefixes: readonly string[];
  readonly more: boolean;
  readonly cursor?: string | undefined;
}

/**
 * Reads the document of "ListObjectsV2" in the S3 API reference, whose elements have no attributes but
 * the root's and whose names occur in one place each, save for `Prefix`.
 *
 * @throws UnavailableError for what is no listing, or no whole one, which would look like a shorter one.
 */
export function readListing(document: string): Listing {
  if (/^[^<]*(<\?[^>]*>)?\s*<Error[ >]/.test(document)) throw failureOf(200, {}, document, "");
  if (!document.trimEnd().endsWith("</ListBucketResult>")) throw unlikeS3("whole listing", "not-applied");
  const isTruncated = textIn(document, "IsTruncated");
  if (isTruncated === undefined) throw unlikeS3("IsTruncated", "not-applied");
  const decode = textIn(document, "EncodingType") === "url" ? decodeKey : (key: string): string => key;
  const entries: DriverEntry[] = [];
  for (const found of elementsOf(document, "Contents")) entries.push(entryOf(found, decode));
  const prefixes: string[] = [];
  for (const found of elementsOf(document, "CommonPrefixes"))
    for (const prefix of elementsOf(found, "Prefix")) prefixes.push(decode(unescaped(prefix)));
  return {
    entries,
    prefixes,
    more: isTruncated === "true",
    cursor: textIn(document, "NextContinuationToken"),
  };
}

function entryOf(element: string, decode: (key: string) => string): DriverEntry {
  const lastModified = new Date(textIn(element, "LastModified") ?? "");
  const size = Number(textIn(element, "Size") ?? Number.NaN);
  const key = decode(textIn(element, "Key") ?? "");
  if (key === "" || Number.isNaN(size) || Number.isNaN(lastModified.getTime()))
    throw unlikeS3("key, size or date of an object", "not-applied");
  return { key, size, lastModified, etag: unquoted(textIn(element, "ETag")) };
}

function* elementsOf(document: string, name: string): Generator<string, undefined, undefined> {
  const begin = `<${name}>`;
  const end = `</${name}>`;
  for (let at = document.indexOf(begin); at >= 0; at = document.indexOf(begin, at)) {
    const until = document.indexOf(end, at);
    if (until < 0) return;
    yield document.slice(at + begin.length, until);
    at = until + end.length;
  }
}

function textIn(element: string, name: string): string | undefined {
  const begin = `<${name}>`;
  const at = element.indexOf(begin);
  const until = at < 0 ? -1 : element.indexOf(`</${name}>`, at);
  return until < 0 ? undefined : unescaped(element.slice(at + begin.length, until));
}

const named: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/** "Character and entity references" in XML 1.0. */
function unescaped(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(/&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
    if (name !== undefined) return named[name] ?? whole;
    return String.fromCodePoint(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16));
  });
}
