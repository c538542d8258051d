import type { Context } from "../context.ts";
import type { OperationOptions } from "../operation-options.ts";
import { checkOptions } from "../option-checks.ts";
import { StorageError } from "../storage-error.ts";
import { checkKey } from "./check-key.ts";

export function exists(context: Context, key: string, options: OperationOptions): Promise<boolean> {
  return context.run({ operation: "exists", key }, async (operation) => {
    checkKey(context.driver, key);
    checkOptions("operation", options);
    operation.begin(options.signal);
    try {
      await context.driver.head(key, operation.call({}));
      return true;
    } catch (error) {
      if (StorageError.is(error, "FileNotFound")) return false;
      throw error;
    }
  });
}
