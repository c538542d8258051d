import type { Body, Bytes } from "@storage/core";

/** Up to here an object is handed out in one piece; above it in pieces of this size, so that a reader holds no second copy. */
export const smallBody: number = 1024 * 1024;

/** A body in one piece of its own; `check` sees the size of a stream as it grows, and may refuse it. */
export async function copyOf(body: Body, check: (size: number) => void): Promise<Bytes> {
  if (body.bytes !== undefined) return body.bytes.slice();
  const chunks: Bytes[] = [];
  let size = 0;
  for await (const chunk of body.stream) {
    size += chunk.length;
    check(size);
    chunks.push(chunk.slice());
  }
  const whole = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.length;
  }
  return whole;
}

/** Copies, made as they are asked for. */
export async function* pieces(bytes: Bytes, start: number, end: number): AsyncGenerator<Bytes> {
  for (let offset = start; offset < end; offset += smallBody) {
    yield bytes.slice(offset, Math.min(end, offset + smallBody));
  }
}
