import { checkRead } from "../conditions.ts";
import type { Context } from "../context.ts";
import type { Operation } from "../operation.ts";
import type { CopyOptions } from "../operation-options.ts";
import type { ObjectMetadata } from "../storage-backend.ts";
import type { ObjectFacts } from "../storage-driver.ts";
import { StorageError } from "../storage-error.ts";
import { storageError } from "../storage-errors.ts";
import { type CopyTerms, copying, copyObject } from "./copy.ts";

export function move(
  context: Context,
  source: string,
  target: string,
  options: CopyOptions,
): Promise<ObjectMetadata> {
  return copying(context, "move", source, target, options, (operation, terms) => {
    if (source === target) return copyObject(context, operation, source, target, terms);
    if (context.driver.move) return operation.run("move", [source, target], terms);
    return copyAndRemove(context, operation, source, target, terms);
  });
}

/** Removes with the etag that was copied, so that a write in between is not lost. */
async function copyAndRemove(
  context: Context,
  operation: Operation,
  source: string,
  target: string,
  terms: CopyTerms,
): Promise<ObjectFacts> {
  const etag = terms.ifMatch ?? (await operation.run("head", [source], {})).etag;
  const pinned = context.capabilities.copyIfMatch ? { ...terms, ifMatch: etag } : terms;
  const facts = await copyObject(context, operation, source, target, pinned);
  try {
    const { conditionalDelete } = context.driver.features;
    // As near as a service without conditional deletes comes: a write between the two requests is lost.
    if (!conditionalDelete) checkRead(await operation.run("head", [source], {}), { ifMatch: etag });
    await operation.run("remove", [source], { ifMatch: conditionalDelete ? etag : undefined });
  } catch (error) {
    if (!StorageError.is(error)) throw error;
    const reason = `both exist, since removing failed: ${error.reason}`;
    throw storageError(error.code, reason, { ...error, cause: error, outcome: "unknown" });
  }
  return facts;
}
