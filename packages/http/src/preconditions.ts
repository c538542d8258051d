import { parseHttpDate } from "./http-date.ts";
import type { HttpRequest } from "./http-request.ts";

type Headers = HttpRequest["headers"];

/** What the conditions of a request are about. */
export interface Validators {
  readonly etag: string;
  readonly lastModified: Date;
}

const names = ["if-match", "if-unmodified-since", "if-none-match", "if-modified-since"];

/** Whether a GET can be answered without its body, or has to be compared first. */
export function isConditional(headers: Headers): boolean {
  return names.some((name) => headers.get(name) !== null);
}

/**
 * The conditions of a GET or HEAD in the order of RFC 9110, 13.2.2: 412, 304, or undefined to go on.
 * A date that is none is ignored, and so is a date beside the etags that take its place.
 */
export function failedPrecondition(headers: Headers, validators: Validators): 304 | 412 | undefined {
  const ifMatch = headers.get("if-match");
  const unmodifiedSince = dateOf(headers.get("if-unmodified-since"));
  if (ifMatch !== null) {
    if (!lists(ifMatch, validators.etag, "strong")) return 412;
  } else if (unmodifiedSince !== undefined && secondOf(validators) > unmodifiedSince) return 412;
  return isFresh(headers, validators) ? 304 : undefined;
}

function isFresh(headers: Headers, validators: Validators): boolean {
  const ifNoneMatch = headers.get("if-none-match");
  if (ifNoneMatch !== null) return lists(ifNoneMatch, validators.etag, "weak");
  const modifiedSince = dateOf(headers.get("if-modified-since"));
  return modifiedSince !== undefined && secondOf(validators) <= modifiedSince;
}

/** Whether a Range still means the object that the client has a part of (RFC 9110, 13.1.5). */
export function matchesIfRange(ifRange: string, validators: Validators): boolean {
  if (ifRange.endsWith('"')) return ifRange === `"${validators.etag}"`;
  return dateOf(ifRange) === secondOf(validators);
}

/** `*` or a list of etags; under the strong comparison a weak one equals none (RFC 9110, 8.8.3.2). */
function lists(header: string, etag: string, comparison: "strong" | "weak"): boolean {
  if (header.trim() === "*") return true;
  for (const [, weak, listed] of header.matchAll(/(W\/)?"([^"]*)"/g)) {
    if (listed === etag && (comparison === "weak" || weak === undefined)) return true;
  }
  return false;
}

const dateOf = (header: string | null): number | undefined =>
  header === null ? undefined : parseHttpDate(header);

const secondOf = ({ lastModified }: Validators): number => Math.floor(lastModified.getTime() / 1000);
