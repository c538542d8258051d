import { metadataOf } from "../attributes.ts";
import type { Context } from "../context.ts";
import type { Operation } from "../operation.ts";
import type { CopyOptions } from "../operation-options.ts";
import type { ObjectMetadata } from "../storage-backend.ts";
import type { StorageDriver } from "../storage-driver.ts";
import { StorageError } from "../storage-error.ts";
import { PreconditionFailedError, storageError } from "../storage-errors.ts";
import { checkCopy, copyObject } from "./copy.ts";

export function move(
  context: Context,
  source: string,
  target: string,
  options: CopyOptions,
): Promise<ObjectMetadata> {
  return context.run({ operation: "move", key: source, target }, async (operation) => {
    const { driver } = context;
    const terms = checkCopy(context, source, target, options);
    operation.begin(options.signal);
    if (source === target)
      return metadataOf(target, await copyObject(driver, source, target, terms, operation));
    if (driver.move !== undefined)
      return metadataOf(target, await driver.move(source, target, operation.call(terms)));
    const { etag } = await driver.head(source, operation.call({}));
    const pinned = { ...terms, ifMatch: terms.ifMatch ?? etag };
    const facts = await copyObject(driver, source, target, pinned, operation);
    await removeSource(driver, source, pinned.ifMatch, operation);
    return metadataOf(target, facts);
  });
}

/** With the etag that was copied, so that a write in between is not lost. */
async function removeSource(
  driver: StorageDriver,
  source: string,
  etag: string,
  operation: Operation,
): Promise<void> {
  try {
    if (driver.features.conditionalDelete) await driver.remove(source, operation.call({ ifMatch: etag }));
    else await removeUnchanged(driver, source, etag, operation);
  } catch (error) {
    if (!StorageError.is(error)) throw error;
    const reason = `the copy was made, and the source could not be removed, so that both exist: ${error.reason}`;
    throw storageError(error.code, reason, { cause: error, retryable: error.retryable, outcome: "unknown" });
  }
}

/** As near as a service without conditional deletes comes: a write between the two requests is lost. */
async function removeUnchanged(
  driver: StorageDriver,
  source: string,
  etag: string,
  operation: Operation,
): Promise<void> {
  const facts = await driver.head(source, operation.call({}));
  if (facts.etag !== etag) throw new PreconditionFailedError("the source was written meanwhile");
  await driver.remove(source, operation.call({}));
}
