import type { Bytes } from "@storage/core";

export function bytesOf(text: string): Bytes {
  return new TextEncoder().encode(text);
}

export function textOf(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}

/** Bytes without a pattern that a chunk could hide in, the same every time (a linear congruential generator). */
export function randomBytes(length: number, seed: number = 1): Bytes {
  const bytes = new Uint8Array(length);
  let state = seed;
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}

/** Bytes in chunks of this size, which are overwritten once the next one is asked for, as a source may do. */
export async function* chunksOf(bytes: Uint8Array, size: number): AsyncGenerator<Bytes> {
  for (let offset = 0; offset < bytes.length; offset += size) {
    const chunk = bytes.slice(offset, offset + size);
    yield chunk;
    chunk.fill(0);
  }
}

export function webStreamOf(...chunks: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
}

/** A source that hands over what it has, and then waits until it is told to go on. */
export interface HeldSource {
  readonly data: AsyncGenerator<Bytes>;
  /** Once the first part was taken. */
  readonly taken: Promise<void>;
  /** Lets the second part follow, and the end. */
  readonly release: () => void;
}

export function heldSource(first: Bytes, second: Bytes = new Uint8Array()): HeldSource {
  const taken = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  async function* data(): AsyncGenerator<Bytes> {
    yield first;
    taken.resolve();
    await released.promise;
    if (second.length > 0) yield second;
  }
  return { data: data(), taken: taken.promise, release: () => released.resolve() };
}

export async function sha256(bytes: Bytes): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function delay(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
