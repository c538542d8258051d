import { StorageError, type StorageErrorCode, type StorageErrorOf } from "@storage/core";

/** The error of this code that the promise rejects with; anything else fails the test. */
export async function failure<Code extends StorageErrorCode>(
  promise: PromiseLike<unknown> | AsyncIterable<unknown>,
  code: Code,
): Promise<StorageErrorOf<Code>> {
  let value: unknown;
  try {
    value = Symbol.asyncIterator in promise ? await all(promise) : await promise;
  } catch (error) {
    if (StorageError.is(error, code)) return error;
    throw new Error(`expected ${code}, and it failed otherwise`, { cause: error });
  }
  throw new Error(`expected ${code}, and it gave ${JSON.stringify(value)}`);
}

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
