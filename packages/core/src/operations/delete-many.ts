import { CallerItems } from "../caller-items.ts";
import type { Context } from "../context.ts";
import type { Operation } from "../operation.ts";
import type { OperationOptions } from "../operation-options.ts";
import type { DeleteManyResult } from "../storage-backend.ts";
import { StorageError } from "../storage-error.ts";
import { InvalidArgumentError } from "../storage-errors.ts";
import { checkKey } from "../validate-key.ts";
import { inParallel } from "./in-parallel.ts";

/** What the batches of S3 and its like hold. */
const batchSize = 1000;

type Keys = Iterable<string> | AsyncIterable<string>;
/** What is told of a key that stays. */
type Fail = (key: string, error: unknown) => void;

export function deleteMany(
  context: Context,
  keys: Keys,
  options: OperationOptions,
): Promise<DeleteManyResult> {
  return context.run({ operation: "deleteMany" }, options, (operation) => {
    // A string is an iterable too, of characters: never what was meant.
    const items = Object(keys);
    if (items !== keys || !(Symbol.iterator in items || Symbol.asyncIterator in items))
      throw new InvalidArgumentError("the keys are an iterable of strings");
    return async () => {
      const result: DeleteManyResult = { deleted: [], failed: [] };
      let batch: string[] = [];
      for await (const key of new CallerItems<string>(keys, operation)) {
        if (batch.push(key) < batchSize) continue;
        await deleteBatch(context, operation, batch, result);
        batch = [];
      }
      await deleteBatch(context, operation, batch, result);
      return result;
    };
  });
}

async function deleteBatch(
  context: Context,
  operation: Operation,
  batch: readonly string[],
  result: DeleteManyResult,
): Promise<void> {
  const errors = new Map<string, StorageError>();
  const fail: Fail = (key, error) => {
    // Absent is what was wanted.
    if (StorageError.is(error, "FileNotFound")) return;
    errors.set(key, context.dressed(error, { operation: "deleteMany", key }));
  };
  const good = [...new Set(batch)].filter((key) => {
    try {
      checkKey(context.driver.limits, key);
      return true;
    } catch (error) {
      fail(key, error);
      return false;
    }
  });
  if (good.length > 0) await removeAll(context, operation, good, fail);
  for (const key of batch) {
    const error = errors.get(key);
    if (error) result.failed.push({ key, error });
    else result.deleted.push(key);
  }
}

/** One failure does not keep the others, save for an abort: then nothing more is sent. */
async function removeAll(
  context: Context,
  operation: Operation,
  keys: readonly string[],
  fail: Fail,
): Promise<void> {
  const attempt = async (about: readonly string[], work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (operation.aborted) throw error;
      for (const key of about) fail(key, error);
    }
  };
  if (!context.driver.removeMany)
    return await inParallel(keys, (key) => attempt([key], () => operation.run("remove", [key], {})));
  await attempt(keys, async () => {
    for (const [key, error] of await operation.run("removeMany", [keys], {})) fail(key, error);
  });
}
