import { attributesOf, metadataOf } from "../attributes.ts";
import { unquoted } from "../conditions.ts";
import type { Context } from "../context.ts";
import { providerOptions } from "../links.ts";
import type { PutOptions, StorageData } from "../operation-options.ts";
import { sourceOf } from "../source.ts";
import type { PutResult } from "../storage-backend.ts";
import { InvalidArgumentError } from "../storage-errors.ts";

export function put(
  context: Context,
  key: string,
  data: StorageData,
  options: PutOptions,
): Promise<PutResult> {
  return context.run({ operation: "put", key }, options, (operation) => {
    const { driver } = context;
    const { ifMatch, ifNoneMatch, maxBytes } = options;
    if (ifMatch !== undefined && ifNoneMatch !== undefined) {
      throw new InvalidArgumentError("ifMatch excludes ifNoneMatch");
    }
    const attributes = { ...attributesOf(key, options, driver.limits), internal: {} };
    const { objectBytes } = driver.limits;
    const most = Math.min(maxBytes ?? objectBytes, objectBytes);
    const source = sourceOf(data, { ...options, maxBytes: most }, operation);
    const terms = { ifNoneMatch, ifMatch: unquoted(ifMatch), provider: providerOptions(driver, options) };
    return async () => {
      const body = source.body();
      // Not awaited where it is there: what has begun in one turn of the loop a close in the same turn lets end.
      const ready = body instanceof Promise ? await body : body;
      const facts = await operation.run("write", [key, ready, attributes], terms);
      source.finish();
      return Object.defineProperty(metadataOf(key, facts, attributes), "url", context.urlOfResult);
    };
  });
}
