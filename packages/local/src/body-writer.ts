import type { Body, Bytes } from "@storage/core";
import type { Files } from "./file-system.ts";

/** Small chunks are gathered into writes of this size: each write of a chunk costs a round trip to a thread. */
const gathered = 512 * 1024;

/** Writes a body to a new file, and tells its size. Ends with the signal's reason, and then no write is under way. */
export async function writeBody(
  files: Files,
  descriptor: number,
  body: Body,
  signal: AbortSignal,
): Promise<number> {
  if (body.bytes === undefined) return await writeStream(files, descriptor, body, signal);
  await files.write(descriptor, body.bytes, 0, signal);
  return body.bytes.length;
}

/** One buffer is filled while the other one is written. */
async function writeStream(
  files: Files,
  descriptor: number,
  { stream, size = gathered }: Exclude<Body, { readonly bytes: Bytes }>,
  signal: AbortSignal,
): Promise<number> {
  const capacity = Math.min(size, gathered);
  let position = 0;
  let filling: Bytes | undefined;
  let spare: Bytes | undefined;
  let filled = 0;
  let underWay: Promise<void> = Promise.resolve();
  const write = async (bytes: Bytes): Promise<void> => {
    await underWay;
    underWay = files.write(descriptor, bytes, position);
    // Its failure is met where it is awaited next.
    underWay.catch(() => {});
    position += bytes.length;
  };
  const flush = async (): Promise<void> => {
    if (filling !== undefined) await write(filling.subarray(0, filled));
    [filling, spare] = [spare, filling];
    filled = 0;
  };
  try {
    for await (const chunk of stream) {
      signal.throwIfAborted();
      const isLong = chunk.length >= capacity / 2;
      if (isLong || filled + chunk.length > capacity) await flush();
      if (isLong) {
        await write(chunk);
        // It is borrowed until the next one is asked for.
        await underWay;
      } else {
        filling ??= new Uint8Array(capacity);
        filling.set(chunk, filled);
        filled += chunk.length;
      }
    }
    await flush();
    await underWay;
    return position;
  } finally {
    await underWay.catch(() => {});
  }
}
