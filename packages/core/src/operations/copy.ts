import { attributesOf, copiedAttributes, metadataOf } from "../attributes.ts";
import { checkRead, checkWrite, noObjectToMatch, unquotedOrNone } from "../conditions.ts";
import type { Context } from "../context.ts";
import { discardBody } from "../discard-body.ts";
import type { Operation } from "../operation.ts";
import type { CopyOptions } from "../operation-options.ts";
import { checkOptions } from "../option-checks.ts";
import type { ObjectMetadata } from "../storage-backend.ts";
import type { Attributes, ObjectFacts, StorageDriver } from "../storage-driver.ts";
import { StorageError } from "../storage-error.ts";
import { checkSupported } from "../supported.ts";
import { checkKey } from "./check-key.ts";

export function copy(
  context: Context,
  source: string,
  target: string,
  options: CopyOptions,
): Promise<ObjectMetadata> {
  return context.run({ operation: "copy", key: source, target }, async (operation) => {
    const terms = checkCopy(context, source, target, options);
    operation.begin(options.signal);
    return metadataOf(target, await copyObject(context.driver, source, target, terms, operation));
  });
}

/** The options of a copy or move as a driver takes them. */
export interface CopyTerms {
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: "*" | undefined;
  readonly replace?: Omit<Attributes, "internal"> | undefined;
}

/** What `copy` and `move` check alike. */
export function checkCopy(context: Context, source: string, target: string, options: CopyOptions): CopyTerms {
  const { driver } = context;
  checkKey(driver, source);
  checkKey(driver, target);
  checkOptions("copy", options);
  const { ifNoneMatch, replace } = options;
  if (replace !== undefined) checkOptions("replace", replace);
  const attributes = replace === undefined ? undefined : attributesOf(target, replace, driver.limits);
  checkSupported(driver, "copy", options);
  if (replace !== undefined) checkSupported(driver, "put", replace);
  return {
    ifMatch: unquotedOrNone(options.ifMatch),
    ifNoneMatch,
    replace: attributes && withoutInternal(attributes),
  };
}

function withoutInternal({ internal: _, ...attributes }: Attributes): Omit<Attributes, "internal"> {
  return attributes;
}

/** By the service where it can, else by reading and writing; onto itself only to rewrite the attributes. */
export async function copyObject(
  driver: StorageDriver,
  source: string,
  target: string,
  terms: CopyTerms,
  operation: Operation,
): Promise<ObjectFacts> {
  try {
    if (source === target && (terms.replace === undefined || terms.ifNoneMatch !== undefined)) {
      return await copyNothing(driver, source, terms, operation);
    }
    if (driver.copy !== undefined) return await driver.copy(source, target, operation.call(terms));
    return await copyThrough(driver, source, target, terms, operation);
  } catch (error) {
    throw terms.ifMatch !== undefined && StorageError.is(error, "FileNotFound") ? noObjectToMatch() : error;
  }
}

async function copyNothing(
  driver: StorageDriver,
  key: string,
  terms: CopyTerms,
  operation: Operation,
): Promise<ObjectFacts> {
  const facts = await driver.head(key, operation.call({}));
  checkRead(facts, { ifMatch: terms.ifMatch });
  checkWrite(facts.etag, { ifNoneMatch: terms.ifNoneMatch });
  return facts;
}

async function copyThrough(
  driver: StorageDriver,
  source: string,
  target: string,
  { ifMatch, ifNoneMatch, replace }: CopyTerms,
  operation: Operation,
): Promise<ObjectFacts> {
  const { facts, body } = await driver.read(source, operation.call({ ifMatch }));
  const kept = copiedAttributes(facts);
  const attributes = replace === undefined ? kept : { ...replace, internal: kept.internal };
  const swap = source === target && driver.features.compareAndSwap ? facts.etag : undefined;
  try {
    const written = await driver.write(
      target,
      body,
      attributes,
      operation.call({ ifNoneMatch, ifMatch: swap }),
    );
    const { lastModified } = written;
    if (lastModified !== undefined) return { ...attributes, ...written, lastModified };
    return await driver.head(target, operation.call({}));
  } finally {
    discardBody(body);
  }
}
