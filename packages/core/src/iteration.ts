/** The end of an iterator. */
export const ended: IteratorReturnResult<undefined> = Object.freeze({ done: true, value: undefined });

/**
 * An async iterator by hand: unlike a generator's, its `return` does not wait for a `next` that may
 * never answer, and frees what it holds also when nothing was asked for yet. Dropped with an error, it
 * fails with that from then on, so that nobody takes it for the end.
 */
export class Iteration<T> implements AsyncIterable<T>, AsyncIterator<T> {
  readonly #pull: () => Promise<IteratorResult<T>>;
  readonly #release: () => void;
  #end: { readonly error?: unknown } | undefined;

  /** `pull` gives the next item that there is, or the end; `release` frees what it holds, once: it is left before its end. */
  constructor(pull: () => Promise<IteratorResult<T>>, release: () => void) {
    this.#pull = pull;
    this.#release = release;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  get over(): boolean {
    return this.#end !== undefined;
  }

  async next(): Promise<IteratorResult<T>> {
    try {
      const step = this.#end ? ended : await this.#pull();
      if (!this.#end) {
        if (step.done) this.#end = {};
        return step;
      }
    } catch (error) {
      this.drop({ error });
    }
    if (this.#end && "error" in this.#end) throw this.#end.error;
    return ended;
  }

  async return(): Promise<IteratorResult<T>> {
    this.drop();
    return ended;
  }

  drop(end: { readonly error?: unknown } = {}): void {
    if (this.#end) return;
    this.#end = end;
    this.#release();
  }
}

/** What goes wrong in a callback, or while something is thrown away, changes nothing. */
export async function quietly(work: () => unknown): Promise<void> {
  try {
    await work();
  } catch {}
}
