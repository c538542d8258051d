import type { Context } from "../context.ts";
import { sourceFailed } from "../metered-stream.ts";
import type { Operation } from "../operation.ts";
import type { OperationOptions } from "../operation-options.ts";
import { checkOptions } from "../option-checks.ts";
import type { DeleteManyResult } from "../storage-backend.ts";
import type { StorageError } from "../storage-error.ts";
import { InvalidArgumentError } from "../storage-errors.ts";
import { checkKey } from "./check-key.ts";
import { inParallel } from "./in-parallel.ts";

/** What the batches of S3 and its like hold. */
const batchSize = 1000;

type Keys = Iterable<string> | AsyncIterable<string>;

export function deleteMany(
  context: Context,
  keys: Keys,
  options: OperationOptions,
): Promise<DeleteManyResult> {
  return context.run({ operation: "deleteMany" }, async (operation) => {
    if (!isIterable(keys))
      throw new InvalidArgumentError("the keys are an array, or another iterable of strings");
    checkOptions("operation", options);
    operation.begin(options.signal);
    const result: DeleteManyResult = { deleted: [], failed: [] };
    for await (const batch of batches(keys)) {
      operation.signal.throwIfAborted();
      const errors = await deleteBatch(context, batch, operation);
      for (const key of batch) {
        const error = errors.get(key);
        if (error === undefined) result.deleted.push(key);
        else result.failed.push({ key, error });
      }
    }
    return result;
  });
}

/** A string is an iterable too, of characters: never what was meant. */
function isIterable(keys: unknown): boolean {
  return (
    typeof keys === "object" && keys !== null && (Symbol.iterator in keys || Symbol.asyncIterator in keys)
  );
}

async function* batches(keys: Keys): AsyncGenerator<string[]> {
  let batch: string[] = [];
  try {
    for await (const key of keys) {
      batch.push(key);
      if (batch.length < batchSize) continue;
      yield batch;
      batch = [];
    }
  } catch (error) {
    throw sourceFailed(error);
  }
  if (batch.length > 0) yield batch;
}

async function deleteBatch(
  context: Context,
  batch: readonly string[],
  operation: Operation,
): Promise<ReadonlyMap<string, StorageError>> {
  const errors = new Map<string, StorageError>();
  const fail = (key: string, error: unknown): void => {
    errors.set(key, context.dressed(error, { operation: "deleteMany", key }));
  };
  const good = [...new Set(batch)].filter((key) => {
    try {
      checkKey(context.driver, key);
      return true;
    } catch (error) {
      fail(key, error);
      return false;
    }
  });
  if (good.length > 0) await removeAll(context, good, operation, fail);
  return errors;
}

async function removeAll(
  context: Context,
  keys: readonly string[],
  operation: Operation,
  fail: (key: string, error: unknown) => void,
): Promise<void> {
  const { driver } = context;
  const { removeMany } = driver;
  if (removeMany === undefined) {
    await inParallel(keys, (key) => orFail([key], () => driver.remove(key, operation.call({}))));
  } else {
    await orFail(keys, async () => {
      for (const [key, error] of await removeMany.call(driver, keys, operation.call({}))) fail(key, error);
    });
  }

  /** One failure does not keep the others, save for an abort: then nothing more is sent. */
  async function orFail(about: readonly string[], work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (operation.signal.aborted) throw error;
      for (const key of about) fail(key, error);
    }
  }
}
