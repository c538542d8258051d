import { metadataOf } from "../attributes.ts";
import type { Context } from "../context.ts";
import type { OperationOptions } from "../operation-options.ts";
import { checkOptions } from "../option-checks.ts";
import type { ObjectMetadata } from "../storage-backend.ts";
import { checkKey } from "./check-key.ts";

export function getMetadata(
  context: Context,
  key: string,
  options: OperationOptions,
): Promise<ObjectMetadata> {
  return context.run({ operation: "getMetadata", key }, async (operation) => {
    checkKey(context.driver, key);
    checkOptions("operation", options);
    operation.begin(options.signal);
    return metadataOf(key, await context.driver.head(key, operation.call({})));
  });
}
