import type { Bytes } from "./storage-driver.ts";
import { InvalidArgumentError } from "./storage-errors.ts";

/** By tag and not by class: under Jest and in other realms the classes are not ours. */
const tagOf = (value: unknown): string => Object.prototype.toString.call(value).slice(8, -1);

export function isBlob(value: unknown): value is Blob {
  return /^(Blob|File)$/.test(tagOf(value));
}

/** The bytes of a piece of data, without a copy where it is memory of our own; undefined for what holds none. */
export function bytesOf(data: unknown): Bytes | undefined {
  if (typeof data === "string") {
    if (data.isWellFormed()) return new TextEncoder().encode(data);
    throw new InvalidArgumentError("the text holds half of a surrogate pair, which UTF-8 cannot say");
  }
  const tag = tagOf(data);
  if (tag === "ArrayBuffer") return viewOf(data as ArrayBuffer);
  if (tag !== "Uint8Array") return undefined;
  const { buffer, byteOffset, byteLength } = data as Uint8Array;
  return viewOf(buffer, byteOffset, byteLength);
}

function viewOf(buffer: ArrayBufferLike, offset?: number, length?: number): Bytes {
  if (tagOf(buffer) === "SharedArrayBuffer") return new Uint8Array(buffer, offset, length).slice() as Bytes;
  const own = buffer as ArrayBuffer;
  if (!own.detached) return new Uint8Array(own, offset, length);
  throw new InvalidArgumentError("the buffer was transferred away and holds nothing any more");
}

/** What Node alone tells of a web stream. */
const disturbed = Symbol.for("nodejs.stream.disturbed");
const readable = Symbol.for("nodejs.stream.readable");

/**
 * Data that comes in pieces.
 *
 * @throws InvalidArgumentError for what is no data at all, and for a stream that somebody else reads or
 * has read.
 */
export function checkStreamed(data: unknown): object {
  const items = Object(data);
  if (items !== data || !(isBlob(items) || "getReader" in items || Symbol.asyncIterator in items)) {
    throw new InvalidArgumentError(
      "data is a string, Uint8Array, ArrayBuffer, Blob, ReadableStream or AsyncIterable of bytes",
    );
  }
  if (items.locked) throw new InvalidArgumentError("the stream is locked: somebody else reads it");
  const isRead = items.readableEnded || (items[disturbed] && items[readable] === false);
  if (isRead) throw new InvalidArgumentError("the stream was read to its end before");
  return items;
}
