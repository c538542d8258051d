import type { IncomingMessage } from "node:http";
import {
  type Body,
  type Bytes,
  type Call,
  IntegrityError,
  NotModifiedError,
  NotSupportedError,
  type ObjectFacts,
  RangeNotSatisfiableError,
  type RangeRequest,
  type ReadCall,
  type ReadResult,
  type ResolvedRange,
  UnavailableError,
} from "@storage/core";
import type { Answer, Connection } from "./connection.ts";
import { factsOfFailure, S3Failure, unlikeS3 } from "./failure.ts";
import { contentRange, type ObjectHeaders, sizeOf, unquoted } from "./object-headers.ts";
import { inRanges } from "./ranges.ts";

/** Bytes: what is not longer is handed over whole. */
const smallBody = 64 * 1024;

export interface ReadSettings {
  /** Bytes of a part. */
  readonly partSize: number;
  /** Parts of one body that are read at once. */
  readonly readConcurrency: number;
}

export async function readObject(
  connection: Connection,
  settings: ReadSettings,
  key: string,
  call: ReadCall,
): Promise<ReadResult> {
  const answer = await connection
    .request({ method: "GET", key, headers: conditionsOf(call) }, call.signal)
    .catch((cause: unknown) => failed(connection, key, call, cause));
  try {
    const result = resultOf(connection.objectHeaders, answer, call, await bodyOf(answer, call.signal));
    return { ...result, body: manifold(connection, settings, key, call, result) };
  } catch (error) {
    answer.body.destroy();
    throw error;
  }
}

/** What is not there any more as it was has been changed. */
function asChanged(cause: unknown): never {
  const { status } = factsOfFailure(cause);
  if (status !== 412 && status !== 404) throw cause;
  throw new IntegrityError("the object changed while it was read");
}

/** By several connections, where that is wanted and there is enough to read. */
function manifold(
  connection: Connection,
  { partSize, readConcurrency }: ReadSettings,
  key: string,
  { signal }: ReadCall,
  { facts, body, range = { start: 0, end: facts.size } }: ReadResult,
): Body {
  const isLarge = range.end - range.start > 2 * partSize;
  if (body.bytes || !isLarge || readConcurrency === 1) return body;
  const ask = async function* (part: ResolvedRange): AsyncGenerator<Bytes, undefined, undefined> {
    const headers = conditionsOf({ range: part, ifMatch: facts.etag });
    const answer = await connection.request({ method: "GET", key, headers }, signal).catch(asChanged);
    let at = part.start;
    for await (const chunk of chunksOf(answer.body, signal)) {
      at += chunk.length;
      yield chunk;
    }
    if (answer.status !== 206 || at !== part.end) throw new UnavailableError("a part of the body broke off");
  };
  return { stream: inRanges({ first: body.stream, range, partSize, concurrency: readConcurrency, ask }) };
}

export async function headObject(connection: Connection, key: string, call: Call): Promise<ObjectFacts> {
  try {
    const { headers, body } = await connection.request({ method: "HEAD", key, headers: {} }, call.signal);
    // Unread, even an empty body keeps its connection.
    body.resume();
    return connection.objectHeaders.factsOf(headers, sizeOf(headers["content-length"]));
  } catch (cause) {
    throw await absenceOr(connection, call, cause);
  }
}

/** A 404 without a code is that of an object where there is such a bucket: all else answers like that, too. */
async function absenceOr(connection: Connection, call: Call, cause: unknown): Promise<unknown> {
  const { status, code, headers } = factsOfFailure(cause);
  if (status !== 404 || code !== "") return cause;
  await connection.findBucket(call.signal);
  return new S3Failure(404, "NoSuchKey", { headers });
}

/** Whether there is such an object. Without s3:ListBucket a missing key is answered with 403. */
export async function presenceOf(
  connection: Connection,
  key: string,
  call: Call,
): Promise<"there" | "missing" | "unknown"> {
  try {
    await headObject(connection, key, call);
    return "there";
  } catch (cause) {
    const { status, code } = factsOfFailure(cause);
    if (status === 403) return "unknown";
    if (status === 404 && code !== "NoSuchBucket") return "missing";
    throw cause;
  }
}

function conditionsOf({
  range,
  ifMatch,
  ifNoneMatch,
}: Pick<ReadCall, "range" | "ifMatch" | "ifNoneMatch">): Record<string, string> {
  const headers: Record<string, string> = {};
  if (range !== undefined) headers.range = rangeHeader(range);
  if (ifMatch !== undefined) headers["if-match"] = `"${ifMatch}"`;
  if (ifNoneMatch !== undefined) headers["if-none-match"] = `"${ifNoneMatch}"`;
  return headers;
}

/** RFC 9110, 14.2: the last byte is included. */
function rangeHeader({ start, end, suffix }: RangeRequest): string {
  if (suffix !== undefined) return `bytes=-${suffix}`;
  return `bytes=${start}-${end === undefined ? "" : end - 1}`;
}

function resultOf(
  objectHeaders: ObjectHeaders,
  { status, headers }: Answer,
  { range }: ReadCall,
  body: Body,
): ReadResult {
  const length = sizeOf(headers["content-length"]);
  if (range === undefined) return { facts: objectHeaders.factsOf(headers, length), body };
  const given = contentRange(headers["content-range"]);
  if (status === 206 && given !== undefined) {
    const { size, start, end } = given;
    return { facts: objectHeaders.factsOf(headers, size), body, range: { start, end } };
  }
  // RFC 9110, 14.2, lets a server ignore a range; some do where there is nothing that it could select.
  if (length === 0) throw new RangeNotSatisfiableError("the object is empty");
  throw new NotSupportedError("the service answered a range with the whole object: it reads no ranges");
}

async function bodyOf({ headers, body }: Answer, signal: AbortSignal): Promise<Body> {
  const length = sizeOf(headers["content-length"]);
  if (Number.isNaN(length)) throw unlikeS3("length", "not-applied");
  if (length > smallBody) return { stream: chunksOf(body, signal) };
  const bytes = new Uint8Array(length);
  let at = 0;
  for await (const chunk of chunksOf(body, signal)) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  if (at < length) throw new UnavailableError("the body broke off");
  return { bytes };
}

/** As plain bytes. The socket is free, or closed, when the reader leaves or the call is aborted. */
async function* chunksOf(body: IncomingMessage, signal: AbortSignal): AsyncGenerator<Bytes, undefined> {
  const end = (): void => void body.destroy(signal.reason);
  signal.addEventListener("abort", end, { once: true });
  try {
    for await (const chunk of body as AsyncIterable<Buffer<ArrayBuffer>>)
      yield new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length);
  } finally {
    signal.removeEventListener("abort", end);
    body.destroy();
  }
}

/** A 304 has no body, and with some services nothing else either: what the object is then takes a HEAD. */
async function failed(connection: Connection, key: string, call: ReadCall, cause: unknown): Promise<never> {
  const { status, headers } = factsOfFailure(cause);
  if (status !== 304) throw await absenceOr(connection, call, cause);
  const isTold = headers.etag !== undefined && headers["last-modified"] !== undefined;
  const { etag, lastModified } = isTold
    ? { etag: unquoted(headers.etag), lastModified: new Date(headers["last-modified"] ?? "") }
    : await headObject(connection, key, call);
  throw new NotModifiedError("the object has this etag still", { etag, lastModified });
}
