import { type Abortable, throwIfAborted } from "./abortable.ts";
import { ended, Iteration, quietly } from "./iteration.ts";
import { StorageError } from "./storage-error.ts";
import { SourceFailedError } from "./storage-errors.ts";

/** What the caller hands over piece by piece: its failure is a SourceFailedError, and an abort does not wait for it. */
export function callerItems<T>(items: object, scope: Abortable): Iteration<T> {
  let iterator: AsyncIterator<T> | Iterator<T> | undefined;
  const advance = async (): Promise<IteratorResult<T>> => {
    try {
      iterator ??= iteratorOf<T>(items);
      return await iterator.next();
    } catch (error) {
      throw sourceFailed(error);
    }
  };
  const pull = async (): Promise<IteratorResult<T>> => {
    throwIfAborted(scope);
    return await scope.unlessAborted(advance());
  };
  // Nothing is waited for: a Node stream is destroyed, since its iterator's `return` waits for a read that may never end.
  const release = (): unknown => {
    const { destroy, cancel } = items as { destroy?(): void; cancel?(): unknown };
    if (destroy) return destroy.call(items);
    return iterator ? iterator.return?.() : cancel?.call(items);
  };
  return new Iteration(pull, () => void quietly(release));
}

/** A StorageError keeps its own code. */
export function sourceFailed(cause: unknown): StorageError {
  return StorageError.is(cause) ? cause : new SourceFailedError("what was handed over failed", { cause });
}

/** Web streams by their reader: not every runtime lets them be iterated. */
export function iteratorOf<T>(items: object): AsyncIterator<T> | Iterator<T> {
  if ("getReader" in items) {
    const reader = (items as ReadableStream<T>).getReader();
    return {
      next: () => reader.read(),
      return: async () => {
        await reader.cancel();
        return ended;
      },
    };
  }
  const { [Symbol.asyncIterator]: iterate, [Symbol.iterator]: walk } = items as AsyncIterable<T> &
    Iterable<T>;
  return iterate ? iterate.call(items) : walk.call(items);
}
