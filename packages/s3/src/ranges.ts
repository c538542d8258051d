import type { Bytes, ResolvedRange } from "@storage/core";

export interface RangedRead {
  /** The answer to all of it, of which the beginning is read. */
  readonly first: AsyncIterable<Bytes>;
  readonly range: ResolvedRange;
  /** Bytes of a part: so much is in memory for each that is read ahead. */
  readonly partSize: number;
  /** Parts at once. */
  readonly concurrency: number;
  readonly ask: (range: ResolvedRange) => AsyncGenerator<Bytes, undefined, undefined>;
}

/**
 * A large body by several connections, where one is slower than the line: its first part from the answer
 * that is there, which is dropped then, the others by ranges that are read ahead. Nothing is asked for
 * until the first chunk was taken, since many readers want no more.
 */
export async function* inRanges({
  first,
  range,
  partSize,
  concurrency,
  ask,
}: RangedRead): AsyncGenerator<Bytes, undefined, undefined> {
  const ahead: ReadAhead[] = [];
  let asked = range.start + partSize;
  const fill = (): void => {
    for (; asked < range.end && ahead.length < concurrency - 1; asked += partSize)
      ahead.push(new ReadAhead(ask({ start: asked, end: Math.min(range.end, asked + partSize) })));
  };
  try {
    let left = partSize;
    for await (const chunk of first) {
      yield chunk.subarray(0, left);
      left -= chunk.length;
      if (left <= 0) break;
      fill();
    }
    fill();
    for (let part = ahead.shift(); part; part = ahead.shift()) {
      fill();
      yield* part;
    }
  } finally {
    for (const part of ahead) part.drop();
  }
}

/** Takes what a part gives before anybody asks for it. */
class ReadAhead implements AsyncIterable<Bytes> {
  readonly #source: AsyncGenerator<Bytes, undefined, undefined>;
  #chunks: Bytes[] = [];
  #over: { readonly error?: unknown } | undefined;
  #wake: (() => void) | undefined;

  constructor(source: AsyncGenerator<Bytes, undefined, undefined>) {
    this.#source = source;
    void this.#read();
  }

  async #read(): Promise<void> {
    try {
      for await (const chunk of this.#source) {
        if (this.#over) return;
        this.#chunks.push(chunk);
        this.#wake?.();
      }
      this.#over ??= {};
    } catch (error) {
      this.#over ??= { error };
    }
    this.#wake?.();
  }

  /** What nobody wants any more ends with its next chunk. */
  drop(): void {
    this.#over ??= {};
    this.#chunks = [];
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Bytes, undefined, undefined> {
    try {
      for (;;) {
        const chunks = this.#chunks;
        this.#chunks = [];
        yield* chunks;
        if (this.#chunks.length > 0) continue;
        if (this.#over) break;
        const { promise, resolve } = Promise.withResolvers<void>();
        this.#wake = resolve;
        await promise;
      }
      if ("error" in this.#over) throw this.#over.error;
    } finally {
      this.drop();
    }
  }
}
