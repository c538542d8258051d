import {
  InvalidArgumentError,
  NotSupportedError,
  type PutOptions,
  type SignedUploadTerms,
  TooLargeError,
} from "@storage/core";
import type { HttpRequest } from "./http-request.ts";
import { unsupported } from "./refusals.ts";

type Headers = HttpRequest["headers"];
type Sizes = Pick<SignedUploadTerms, "size" | "minBytes" | "maxBytes">;

/** In bytes; undefined where the body comes in chunks and says nothing of its length. */
export function declaredLength({ headers, body }: HttpRequest): number | undefined {
  const length = headers.get("content-length");
  if (length === null) return body === null || body === undefined ? 0 : undefined;
  if (/^\d+$/.test(length)) return Number(length);
  throw new InvalidArgumentError("Content-Length is no number");
}

/** Whether a body is packed otherwise than it should be; by a transfer coding, too, of which Node undoes the chunks alone. */
export function isPacked(headers: Headers, contentEncoding = "identity"): boolean {
  const transfer = headers.get("transfer-encoding") ?? "chunked";
  return (
    (headers.get("content-encoding") ?? "identity") !== contentEncoding ||
    transfer.toLowerCase() !== "chunked"
  );
}

/** All that can be seen before a byte is read. */
export function checkUploadHeaders(
  headers: Headers,
  terms: SignedUploadTerms,
  length: number | undefined,
): void {
  checkType(headers, terms);
  checkBody(headers, terms, terms.attributes.contentEncoding, length);
}

/** As a part has no type: the object has one. */
export function checkPartHeaders(headers: Headers, sizes: Sizes, length: number | undefined): void {
  checkBody(headers, sizes, undefined, length);
}

function checkBody(
  headers: Headers,
  sizes: Sizes,
  contentEncoding: string | undefined,
  length: number | undefined,
): void {
  if (isPacked(headers, contentEncoding)) {
    throw unsupported("The upload has another encoding than the link was made for.");
  }
  // A part of a file is not a file (RFC 9110, 14.5).
  if (headers.get("content-range") !== null) throw new InvalidArgumentError("a PUT has no Content-Range");
  if (length !== undefined) checkLength(sizes, length);
}

function checkType(headers: Headers, { attributes }: SignedUploadTerms): void {
  if (comparable(headers.get("content-type")) !== comparable(attributes.contentType)) {
    throw unsupported(`The upload has to be of the type ${attributes.contentType}.`);
  }
}

/** XMLHttpRequest rewrites the case and the blanks of a type with a charset. */
const comparable = (type: string | null): string => (type ?? "").replace(/[ \t]/g, "").toLowerCase();

function checkLength({ size, minBytes = 0, maxBytes }: Sizes, length: number): void {
  if (length > (size ?? maxBytes ?? Number.POSITIVE_INFINITY)) {
    throw new TooLargeError(`${length} bytes are announced, and the link allows fewer`);
  }
  if (length < (size ?? minBytes)) {
    throw new InvalidArgumentError(`${length} bytes are announced, and the link wants more`);
  }
}

/**
 * What was signed, and what the client asks for beside it. A condition that a put cannot hold is
 * refused: to ignore it could overwrite somebody's work.
 */
export function conditionsOf(
  headers: Headers,
  { ifNoneMatch }: Pick<SignedUploadTerms, "ifNoneMatch">,
): Pick<PutOptions, "ifMatch" | "ifNoneMatch"> {
  const match = headers.get("if-match");
  const noneMatch = headers.get("if-none-match");
  const etag = /^"([^"]*)"$/.exec(match ?? "")?.[1];
  const known = (match === null || etag !== undefined) && (noneMatch === null || noneMatch === "*");
  if (!known || headers.get("if-unmodified-since") !== null) {
    throw new NotSupportedError("an upload takes If-Match with one etag, or If-None-Match: *");
  }
  return { ifMatch: etag, ifNoneMatch: noneMatch === "*" ? "*" : ifNoneMatch };
}
