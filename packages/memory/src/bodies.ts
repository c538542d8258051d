import type { Bytes } from "@storage/core";

/** Up to here an object is handed out in one piece; above it in pieces of this size, so that a reader holds no second copy. */
export const smallBody: number = 1024 * 1024;

/** A stream in one piece; `check` sees its size as it grows, and may refuse it. */
export async function joined(stream: AsyncIterable<Bytes>, check: (size: number) => void): Promise<Bytes> {
  const chunks: Bytes[] = [];
  let size = 0;
  for await (const chunk of stream) {
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
