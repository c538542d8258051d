import type { Bytes } from "@storage/core";

/**
 * What a stream gives, gathered into parts of one size, the last of which may be shorter. A part is in memory of
 * its own: a chunk is borrowed only until the next one is asked for. What is put into `spare`, of a part that nobody
 * needs any more, holds another one: large garbage stays in memory for long.
 */
export async function* partsOf(
  stream: AsyncIterable<Bytes>,
  partSize: number,
  spare: ArrayBuffer[] = [],
): AsyncGenerator<Bytes, undefined, undefined> {
  let part: Bytes | undefined;
  let filled = 0;
  for await (const chunk of stream) {
    for (let taken = 0; taken < chunk.length; ) {
      part ??= new Uint8Array(spare.pop() ?? new ArrayBuffer(partSize));
      const piece = chunk.subarray(taken, taken + partSize - filled);
      part.set(piece, filled);
      taken += piece.length;
      filled += piece.length;
      if (filled < partSize) continue;
      yield part;
      part = undefined;
      filled = 0;
    }
  }
  if (part !== undefined && filled > 0) yield part.subarray(0, filled);
}
