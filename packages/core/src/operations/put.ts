import { attributesOf, visibleAttributes } from "../attributes.ts";
import { noObjectToMatch, unquotedOrNone } from "../conditions.ts";
import type { Context } from "../context.ts";
import type { Operation } from "../operation.ts";
import type { PutOptions, StorageData } from "../operation-options.ts";
import { checkOptions } from "../option-checks.ts";
import { Source } from "../source.ts";
import type { PutResult } from "../storage-backend.ts";
import type { Attributes, StorageDriver, WriteFacts } from "../storage-driver.ts";
import { StorageError } from "../storage-error.ts";
import { InvalidArgumentError } from "../storage-errors.ts";
import { checkSupported } from "../supported.ts";
import { checkKey } from "./check-key.ts";
import { linkAtHand } from "./get-url.ts";

export function put(
  context: Context,
  key: string,
  data: StorageData,
  options: PutOptions,
): Promise<PutResult> {
  return context.run({ operation: "put", key }, async (operation) => {
    const { driver } = context;
    checkKey(driver, key);
    checkOptions("put", options);
    if (options.ifMatch !== undefined && options.ifNoneMatch !== undefined) {
      throw new InvalidArgumentError("ifMatch wants an object and ifNoneMatch wants none: give one of them");
    }
    const attributes = attributesOf(key, options, driver.limits);
    const maxBytes = Math.min(options.maxBytes ?? Number.POSITIVE_INFINITY, driver.limits.objectBytes);
    const source = new Source(data, { ...options, maxBytes });
    checkSupported(driver, "put", options);
    operation.begin(options.signal);
    const facts = await write(driver, key, source, attributes, options, operation);
    source.finish(facts.size);
    return resultOf(context, key, facts, attributes);
  });
}

async function write(
  driver: StorageDriver,
  key: string,
  source: Source,
  attributes: Attributes,
  options: PutOptions,
  operation: Operation,
): Promise<WriteFacts> {
  const provider: unknown = driver.features.provider && Reflect.get(options, driver.features.provider);
  const call = operation.call({
    ifNoneMatch: options.ifNoneMatch,
    ifMatch: unquotedOrNone(options.ifMatch),
    provider: provider as Readonly<Record<string, unknown>> | undefined,
  });
  try {
    return await driver.write(key, await source.body(operation.signal), attributes, call);
  } catch (error) {
    source.discard();
    throw options.ifMatch !== undefined && StorageError.is(error, "FileNotFound") ? noObjectToMatch() : error;
  }
}

function resultOf(context: Context, key: string, facts: WriteFacts, attributes: Attributes): PutResult {
  const { size, etag, lastModified } = facts;
  return {
    key,
    size,
    etag,
    ...(lastModified !== undefined && { lastModified: new Date(lastModified) }),
    ...visibleAttributes(attributes),
    get url() {
      return linkAtHand(context, key);
    },
  };
}
