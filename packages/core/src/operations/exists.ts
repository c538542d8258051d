import type { Context } from "../context.ts";
import { orMissing } from "../failure.ts";
import type { OperationOptions } from "../operation-options.ts";

export function exists(context: Context, key: string, options: OperationOptions): Promise<boolean> {
  return context.run({ operation: "exists", key }, options, (operation) => async () => {
    return (await orMissing(operation.run("head", [key], {}))) !== undefined;
  });
}
