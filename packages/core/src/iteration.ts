/**
 * An async iterator by hand: unlike a generator's, its `return` does not wait for a `next` that may
 * never answer, and frees what it holds also when nothing was asked for yet. Dropped with an error, it
 * fails with that from then on, so that nobody takes it for the end.
 */
export abstract class Iteration<T> implements AsyncIterable<T>, AsyncIterator<T> {
  #end: { readonly error?: unknown } | undefined;

  /** The next item that there is, or the end. */
  protected abstract pull(): Promise<IteratorResult<T>>;
  /** Frees what it holds, once: it is left before its end. */
  protected abstract release(): void;

  [Symbol.asyncIterator](): this {
    return this;
  }

  get over(): boolean {
    return this.#end !== undefined;
  }

  async next(): Promise<IteratorResult<T>> {
    try {
      const step = this.#end === undefined && (await this.pull());
      if (this.#end === undefined && step) {
        if (step.done) this.#end = {};
        return step;
      }
    } catch (error) {
      this.drop({ error });
    }
    if (this.#end && "error" in this.#end) throw this.#end.error;
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<T>> {
    this.drop();
    return { done: true, value: undefined };
  }

  drop(end: { readonly error?: unknown } = {}): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.release();
  }
}

/** What goes wrong in a callback, or while something is thrown away, changes nothing. */
export async function quietly(work: () => unknown): Promise<void> {
  try {
    await work();
  } catch {}
}
