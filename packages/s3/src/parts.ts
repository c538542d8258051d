import type { Bytes } from "@storage/core";

/** Bytes that the first part begins with: most streams are short. */
const firstSize = 64 * 1024;

/** Memory of one size, used again and again: large garbage stays in memory for long. */
export class PartMemory {
  readonly size: number;
  readonly #free: Bytes[] = [];

  constructor(size: number) {
    this.size = size;
  }

  take(): Bytes {
    return this.#free.pop() ?? unfilled(this.size);
  }

  /** Only of a part that nobody reads any more. */
  giveBack(part: Bytes): void {
    if (part.buffer.byteLength === this.size) this.#free.push(new Uint8Array(part.buffer));
  }
}

/**
 * What a stream gives, gathered into parts of one size, the last of which may be shorter. A part is in memory of
 * its own: a chunk is borrowed only until the next one is asked for.
 */
export async function* partsOf(
  stream: AsyncIterable<Bytes>,
  memory: PartMemory,
): AsyncGenerator<Bytes, undefined, undefined> {
  let part = unfilled(Math.min(firstSize, memory.size));
  let filled = 0;
  for await (const chunk of stream) {
    for (let taken = 0; taken < chunk.length; ) {
      if (filled === memory.size) {
        yield part;
        part = memory.take();
        filled = 0;
      } else if (filled === part.length) part = grown(part, memory.size);
      const piece = chunk.subarray(taken, taken + part.length - filled);
      part.set(piece, filled);
      taken += piece.length;
      filled += piece.length;
    }
  }
  if (filled > 0) yield part.subarray(0, filled);
}

function grown(part: Bytes, most: number): Bytes {
  const larger = unfilled(Math.min(4 * part.length, most));
  larger.set(part);
  return larger;
}

/** What was in it before is overwritten, or not sent. */
function unfilled(size: number): Bytes {
  return new Uint8Array(Buffer.allocUnsafeSlow(size).buffer);
}
