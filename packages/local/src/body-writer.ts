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
    if (filling !== undefined && filled > 0) await write(filling.subarray(0, filled));
    [filling, spare] = [spare, filling];
    filled = 0;
  };
  try {
    for await (const chunk of stream) {
      signal.throwIfAborted();
      if (chunk.length >= gathered / 2) {
        await flush();
        await write(chunk);
        // It is borrowed until the next one is asked for.
        await underWay;
        continue;
      }
      for (let taken = 0; taken < chunk.length; ) {
        filling ??= new Uint8Array(Math.max(1, Math.min(size, gathered)));
        const piece = chunk.subarray(taken, taken + filling.length - filled);
        filling.set(piece, filled);
        filled += piece.length;
        taken += piece.length;
        if (filled === filling.length) await flush();
      }
    }
    await flush();
    await underWay;
    return position;
  } finally {
    await underWay.catch(() => {});
  }
}
