import { attributesOf, copiedAttributes, metadataOf } from "../attributes.ts";
import { checkRead, checkWrite, unquoted } from "../conditions.ts";
import type { Context } from "../context.ts";
import type { Operation } from "../operation.ts";
import type { CopyOptions } from "../operation-options.ts";
import type { ObjectMetadata } from "../storage-backend.ts";
import type { Attributes, ObjectFacts } from "../storage-driver.ts";

export function copy(
  context: Context,
  source: string,
  target: string,
  options: CopyOptions,
): Promise<ObjectMetadata> {
  return copying(context, "copy", source, target, options, (operation, terms) =>
    copyObject(context, operation, source, target, terms),
  );
}

/** The options of a copy or move as a driver takes them. */
export interface CopyTerms {
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: "*" | undefined;
  readonly replace?: Omit<Attributes, "internal"> | undefined;
}

/** What `copy` and `move` do alike. */
export function copying(
  context: Context,
  method: string,
  source: string,
  target: string,
  options: CopyOptions,
  work: (operation: Operation, terms: CopyTerms) => Promise<ObjectFacts>,
): Promise<ObjectMetadata> {
  return context.run({ operation: method, key: source, target }, options, (operation) => {
    const { ifNoneMatch, replace } = options;
    const terms = {
      ifMatch: unquoted(options.ifMatch),
      ifNoneMatch,
      replace: replace && attributesOf(target, replace, context.driver.limits),
    };
    return async () => {
      const facts = await work(operation, terms);
      return metadataOf(target, facts, facts);
    };
  });
}

/** By the service where it can, else by reading and writing; onto itself only to rewrite the attributes. */
export async function copyObject(
  context: Context,
  operation: Operation,
  source: string,
  target: string,
  terms: CopyTerms,
): Promise<ObjectFacts> {
  if (source !== target || (terms.replace && !terms.ifNoneMatch)) {
    if (context.driver.copy) return await operation.run("copy", [source, target], terms);
    return await copyThrough(context, operation, source, target, terms);
  }
  const facts = await operation.run("head", [source], {});
  checkRead(facts, { ifMatch: terms.ifMatch });
  checkWrite(facts.etag, { ifNoneMatch: terms.ifNoneMatch });
  return facts;
}

async function copyThrough(
  context: Context,
  operation: Operation,
  source: string,
  target: string,
  { ifMatch, ifNoneMatch, replace }: CopyTerms,
): Promise<ObjectFacts> {
  const { facts, body } = await operation.run("read", [source], { ifMatch });
  const attributes = { ...copiedAttributes(facts), ...replace };
  const swaps = source === target && context.driver.features.compareAndSwap;
  const conditions = { ifNoneMatch, ifMatch: swaps ? facts.etag : undefined };
  const { lastModified, ...written } = await operation.run("write", [target, body, attributes], conditions);
  if (lastModified) return { ...attributes, ...written, lastModified };
  return await operation.run("head", [target], {});
}
