import type { Bytes } from "./storage-driver.ts";
import { InvalidArgumentError } from "./storage-errors.ts";

export const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

/** By tag and not by class: under Jest and in other realms the classes are not ours. */
const tagOf = (value: unknown): unknown => Object(value)[Symbol.toStringTag];

export function isBlob(value: unknown): value is Blob {
  const tag = tagOf(value);
  return tag === "Blob" || tag === "File";
}

/** The bytes of a piece of data, without a copy where it is memory of our own; undefined for what holds none. */
export function bytesOf(data: unknown): Bytes | undefined {
  if (typeof data === "string") {
    if (data.isWellFormed()) return new TextEncoder().encode(data);
    throw new InvalidArgumentError("lone surrogates are not allowed in text");
  }
  const tag = tagOf(data);
  if (tag !== "Uint8Array" && tag !== "ArrayBuffer") return undefined;
  const { buffer = data, byteOffset, byteLength } = data as Uint8Array;
  const { detached } = buffer as ArrayBuffer;
  if (detached) throw new InvalidArgumentError("the buffer was transferred away");
  const bytes = new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
  // Of shared memory, whose buffers are never detached, others might write meanwhile.
  return detached === undefined ? bytes.slice() : bytes;
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
  const isData = isBlob(items) || "getReader" in items || Symbol.asyncIterator in items;
  if (items !== data || !isData)
    throw new InvalidArgumentError("data is a string, bytes, a Blob, a stream or an AsyncIterable");
  const isRead = items.readableEnded || (items[disturbed] && items[readable] === false);
  if (items.locked || isRead) throw new InvalidArgumentError("the stream is locked, or was read before");
  return items;
}
