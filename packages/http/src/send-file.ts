import {
  type ByteRange,
  type ObjectMetadata,
  PreconditionFailedError,
  RangeNotSatisfiableError,
  type StorageBackend,
  StorageError,
  type StoredObject,
  UnavailableError,
} from "@storage/core";
import { errorAnswer } from "./error-answer.ts";
import { fileHeaders, type ResponseTerms, validatorHeaders } from "./file-headers.ts";
import type { HttpAnswer } from "./http-answer.ts";
import type { HttpRequest } from "./http-request.ts";
import { failedPrecondition, isConditional, matchesIfRange } from "./preconditions.ts";
import { parseRange } from "./range-header.ts";

/** One GET or HEAD by somebody who may read the object. */
export interface FileRequest {
  readonly backend: StorageBackend;
  readonly terms: ResponseTerms;
  readonly request: HttpRequest;
}

/** Up to here a body is sent as bytes, and a failure of the storage can still become a 5xx. */
const smallBody = 64 * 1024;

/** A plain GET is one request to the storage; a conditional one compares first and opens what it compared. */
export async function sendFile(file: FileRequest, attempts = 3): Promise<HttpAnswer> {
  if (attempts === 0) throw new UnavailableError("the object changes faster than it can be sent");
  const known = comparesFirst(file.request) ? await metadataOf(file) : undefined;
  const answer = known && answerWithoutBody(file, known);
  if (answer !== undefined) return answer;
  try {
    return await sendBody(file, await openFile(file, rangeOf(file, known), known?.etag));
  } catch (error) {
    if (StorageError.is(error, "RangeNotSatisfiable")) return unsatisfiable(file, error, known);
    const changed = known !== undefined && StorageError.is(error, "PreconditionFailed");
    if (changed) return sendFile(file, attempts - 1);
    throw error;
  }
}

function comparesFirst({ method, headers }: HttpRequest): boolean {
  const hasIfRange = headers.get("range") !== null && headers.get("if-range") !== null;
  return method === "HEAD" || hasIfRange || isConditional(headers);
}

function metadataOf({ backend, terms, request }: FileRequest): Promise<ObjectMetadata> {
  return backend.getMetadata(terms.key, { signal: request.signal });
}

function answerWithoutBody(file: FileRequest, known: ObjectMetadata): HttpAnswer | undefined {
  const { terms, request } = file;
  const failed = failedPrecondition(request.headers, known);
  if (failed === 304) return { status: 304, headers: validatorHeaders(known, terms) };
  if (failed === 412)
    throw new PreconditionFailedError("the object is not the one that the request is about");
  if (request.method !== "HEAD") return undefined;
  return { status: 200, headers: { ...headersOf(file, known), "content-length": String(known.size) } };
}

function openFile(
  { backend, terms, request }: FileRequest,
  range: ByteRange | undefined,
  ifMatch: string | undefined,
): Promise<StoredObject> {
  // No answer can say "no bytes": the last 0 bytes are a range that cannot be satisfied (RFC 9110, 14.1.2).
  if (range !== undefined && "suffix" in range && range.suffix === 0) {
    throw new RangeNotSatisfiableError("the range asks for the last 0 bytes");
  }
  return backend.open(terms.key, { range, ifMatch, signal: request.signal });
}

/** What is to be sent of it; undefined for all. `known` is there wherever `If-Range` is. */
function rangeOf(
  { backend, request }: FileRequest,
  known: ObjectMetadata | undefined,
): ByteRange | undefined {
  const range = request.headers.get("range");
  const ifRange = request.headers.get("if-range");
  if (range === null || !backend.capabilities.rangeReads) return undefined;
  const current = ifRange === null || (known !== undefined && matchesIfRange(ifRange, known));
  return current ? parseRange(range) : undefined;
}

async function sendBody(file: FileRequest, object: StoredObject): Promise<HttpAnswer> {
  const { range } = object;
  const { start, end } = range ?? { start: 0, end: object.size };
  const headers: Record<string, string> = {
    ...headersOf(file, object),
    "content-length": String(end - start),
  };
  if (range !== undefined) headers["content-range"] = `bytes ${start}-${end - 1}/${object.size}`;
  const body = end - start <= smallBody ? await object.bytes() : object.body;
  return { status: range === undefined ? 200 : 206, headers, body };
}

function headersOf({ backend, terms }: FileRequest, metadata: ObjectMetadata): Record<string, string> {
  const acceptRanges = backend.capabilities.rangeReads ? "bytes" : "none";
  return { ...fileHeaders(metadata, terms), "accept-ranges": acceptRanges };
}

async function unsatisfiable(
  file: FileRequest,
  error: StorageError,
  known: ObjectMetadata | undefined,
): Promise<HttpAnswer> {
  const { size } = known ?? (await metadataOf(file));
  const answer = errorAnswer(error, file.request);
  return { ...answer, headers: { ...answer.headers, "content-range": `bytes */${size}` } };
}
