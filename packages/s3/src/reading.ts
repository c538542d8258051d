import type { IncomingMessage } from "node:http";
import {
  type Body,
  type Bytes,
  type Call,
  NotModifiedError,
  type ObjectFacts,
  type RangeRequest,
  type ReadCall,
  type ReadResult,
  UnavailableError,
} from "@storage/core";
import type { Answer, Connection } from "./connection.ts";
import { factsOfFailure } from "./failure.ts";
import { contentRange, factsOf, sizeOf, unquoted } from "./object-input.ts";

/** Bytes: what is not longer is handed over whole. */
const smallBody = 64 * 1024;

export async function readObject(connection: Connection, key: string, call: ReadCall): Promise<ReadResult> {
  const answer = await connection
    .request({ method: "GET", key, headers: conditionsOf(call) }, call.signal)
    .catch(asNotModified);
  try {
    return resultOf(answer, call, await bodyOf(answer, call.signal));
  } catch (error) {
    answer.body.destroy();
    throw error;
  }
}

export async function headObject(connection: Connection, key: string, call: Call): Promise<ObjectFacts> {
  const { headers } = await connection.request({ method: "HEAD", key, headers: {} }, call.signal);
  return factsOf(headers, sizeOf(headers["content-length"]));
}

function conditionsOf({ range, ifMatch, ifNoneMatch }: ReadCall): Record<string, string> {
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

function resultOf({ status, headers }: Answer, { range }: ReadCall, body: Body): ReadResult {
  if (range === undefined) return { facts: factsOf(headers, sizeOf(headers["content-length"])), body };
  const given = contentRange(headers["content-range"]);
  if (status !== 206 || given === undefined)
    throw new UnavailableError("the service answered a range with the whole object");
  const { size, start, end } = given;
  return { facts: factsOf(headers, size), body, range: { start, end } };
}

async function bodyOf({ headers, body }: Answer, signal: AbortSignal): Promise<Body> {
  const length = sizeOf(headers["content-length"]);
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

function asNotModified(cause: unknown): never {
  const { status, headers } = factsOfFailure(cause);
  if (status !== 304) throw cause;
  throw new NotModifiedError("the object has this etag still", {
    etag: unquoted(headers.etag),
    lastModified: headers["last-modified"] === undefined ? undefined : new Date(headers["last-modified"]),
  });
}
