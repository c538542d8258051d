import type { Bytes } from "./storage-driver.ts";
import { InvalidArgumentError } from "./storage-errors.ts";

export type Streamed = Blob | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;

/** By tag and not by class: under Jest and in other realms the classes are not ours. */
const tagOf = (value: unknown): string => Object.prototype.toString.call(value).slice(8, -1);

export function isBytes(value: unknown): value is Bytes {
  return tagOf(value) === "Uint8Array";
}

export function isBlob(value: unknown): value is Blob {
  return tagOf(value) === "Blob" || tagOf(value) === "File";
}

function isBuffer(value: unknown): value is ArrayBuffer {
  return tagOf(value) === "ArrayBuffer";
}

/** The bytes of a piece of data, without a copy; undefined for what holds none. */
export function bytesOf(data: unknown): Bytes | undefined {
  if (typeof data === "string") return encoded(data);
  if (isBytes(data)) return viewOf(data.buffer, data.byteOffset, data.byteLength);
  if (isBuffer(data)) return viewOf(data, 0, data.byteLength);
  return undefined;
}

function encoded(text: string): Bytes {
  if (text.isWellFormed()) return new TextEncoder().encode(text);
  throw new InvalidArgumentError("the text holds half of a surrogate pair, which UTF-8 cannot say");
}

function viewOf(buffer: ArrayBufferLike, offset: number, length: number): Bytes {
  if (!isBuffer(buffer)) return new Uint8Array(new Uint8Array(buffer, offset, length));
  if (buffer.detached)
    throw new InvalidArgumentError("the buffer was transferred away and holds nothing any more");
  return new Uint8Array(buffer, offset, length);
}

const accepted =
  "data is a string, a Uint8Array, an ArrayBuffer, a Blob, a ReadableStream or an AsyncIterable of bytes";

/** Data that comes in pieces. @throws InvalidArgumentError for what is no data at all. */
export function streamedOf(data: unknown): Streamed {
  if (isBlob(data)) return data;
  if (isReadableStream(data)) {
    if (data.locked) throw new InvalidArgumentError("the stream is locked: somebody else reads it");
    return data;
  }
  if (isAsyncIterable(data)) {
    if (Reflect.get(data, "readableEnded") === true)
      throw new InvalidArgumentError("the stream was read to its end before");
    return data;
  }
  throw new InvalidArgumentError(accepted);
}

export function isReadableStream(data: unknown): data is ReadableStream<Uint8Array> {
  return typeof data === "object" && data !== null && "getReader" in data;
}

function isAsyncIterable(data: unknown): data is AsyncIterable<Uint8Array> {
  return typeof data === "object" && data !== null && Symbol.asyncIterator in data;
}
