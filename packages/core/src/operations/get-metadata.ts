import { metadataOf } from "../attributes.ts";
import type { Context } from "../context.ts";
import type { OperationOptions } from "../operation-options.ts";
import type { ObjectMetadata } from "../storage-backend.ts";

export function getMetadata(
  context: Context,
  key: string,
  options: OperationOptions,
): Promise<ObjectMetadata> {
  return context.run({ operation: "getMetadata", key }, options, (operation) => async () => {
    const facts = await operation.run("head", [key], {});
    return metadataOf(key, facts, facts);
  });
}
