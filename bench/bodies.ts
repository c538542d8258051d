import { Readable } from "node:stream";

/** 1 KiB. */
export const small: Uint8Array = new Uint8Array(1024).fill(7);

export const mebibyte = 1024 * 1024;

const chunk: Uint8Array = new Uint8Array(mebibyte).fill(7);

/** In chunks of 1 MiB, which cost nothing to make. */
export function large(mebibytes: number): Readable {
  return Readable.from(
    (function* () {
      for (let sent = 0; sent < mebibytes; sent++) yield chunk;
    })(),
  );
}

/** Reads to the end, and fails where the end came early. */
export async function drain(stream: AsyncIterable<Uint8Array>, mebibytes: number): Promise<void> {
  let size = 0;
  for await (const { length } of stream) size += length;
  if (size !== mebibytes * mebibyte) throw new Error(`${size} bytes instead of ${mebibytes} MiB`);
}
