import { callerItems } from "../caller-items.ts";
import type { Context } from "../context.ts";
import type { Operation } from "../operation.ts";
import type { OperationOptions } from "../operation-options.ts";
import type { DeleteManyResult } from "../storage-backend.ts";
import { StorageError } from "../storage-error.ts";
import { InvalidArgumentError } from "../storage-errors.ts";
import { inParallel } from "./in-parallel.ts";

/** What the batches of S3 and its like hold. */
const batchSize = 1000;

type Keys = Iterable<string> | AsyncIterable<string>;

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
      for await (const key of callerItems<string>(keys, operation)) {
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
  { deleted, failed }: DeleteManyResult,
): Promise<void> {
  const errors = await removeAll(context, operation, new Set(batch));
  for (const key of batch) {
    // Absent is what was wanted.
    if (!errors.has(key) || StorageError.is(errors.get(key), "FileNotFound")) deleted.push(key);
    else failed.push({ key, error: context.dressed(errors.get(key), { operation: "deleteMany", key }) });
  }
}

/** The errors of the keys that stay. One failure does not keep the others, save for an abort: then nothing more is sent. */
async function removeAll(
  context: Context,
  operation: Operation,
  keys: ReadonlySet<string>,
): Promise<ReadonlyMap<string, unknown>> {
  const errors = new Map<string, unknown>();
  const attempt = async (about: readonly string[], work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (operation.aborted) throw error;
      for (const key of about) errors.set(key, error);
    }
  };
  const good: string[] = [];
  const checkAndRemove = async (key: string): Promise<void> => {
    context.checkKey(key, "deleteMany");
    if (context.driver.removeMany) good.push(key);
    else await operation.run("remove", [key], {});
  };
  await inParallel(keys, (key) => attempt([key], () => checkAndRemove(key)));
  if (good.length > 0)
    await attempt(good, async () => {
      for (const [key, error] of await operation.run("removeMany", [good], {})) errors.set(key, error);
    });
  return errors;
}
