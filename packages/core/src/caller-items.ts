import type { Abortable } from "./abortable.ts";
import { Iteration, quietly } from "./iteration.ts";
import { StorageError } from "./storage-error.ts";
import { SourceFailedError } from "./storage-errors.ts";

/** What the caller hands over piece by piece: its failure is a SourceFailedError, and an abort does not wait for it. */
export class CallerItems<T> extends Iteration<T> {
  readonly #items: object;
  readonly #scope: Abortable;
  #iterator: AsyncIterator<T> | Iterator<T> | undefined;

  constructor(items: object, scope: Abortable) {
    super();
    this.#items = items;
    this.#scope = scope;
  }

  protected pull(): Promise<IteratorResult<T>> {
    this.#scope.throwIfAborted();
    return this.#scope.unlessAborted(this.#advance());
  }

  async #advance(): Promise<IteratorResult<T>> {
    try {
      this.#iterator ??= iteratorOf<T>(this.#items);
      return await this.#iterator.next();
    } catch (error) {
      throw sourceFailed(error);
    }
  }

  /** Nothing is waited for: a Node stream is destroyed, since its iterator's `return` waits for a read that may never end. */
  protected release(): void {
    const { destroy, cancel } = this.#items as { destroy?(): void; cancel?(): unknown };
    void quietly(() => {
      if (destroy) return destroy.call(this.#items);
      return this.#iterator ? this.#iterator.return?.() : cancel?.call(this.#items);
    });
  }
}

/** A StorageError keeps its own code. */
export function sourceFailed(cause: unknown): StorageError {
  return StorageError.is(cause) ? cause : new SourceFailedError("what was handed over failed", { cause });
}

/** Web streams by their reader: not every runtime lets them be iterated. */
function iteratorOf<T>(items: object): AsyncIterator<T> | Iterator<T> {
  if ("getReader" in items) {
    const reader = (items as ReadableStream<T>).getReader();
    return {
      next: () => reader.read(),
      return: async () => {
        await reader.cancel();
        return { done: true, value: undefined };
      },
    };
  }
  const { [Symbol.asyncIterator]: iterate, [Symbol.iterator]: walk } = items as AsyncIterable<T> &
    Iterable<T>;
  return iterate ? iterate.call(items) : walk.call(items);
}
