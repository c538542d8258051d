import type { Context } from "../context.ts";
import type { OperationOptions } from "../operation-options.ts";
import { StorageError } from "../storage-error.ts";

export function exists(context: Context, key: string, options: OperationOptions): Promise<boolean> {
  return context.run({ operation: "exists", key }, options, (operation) => async () => {
    try {
      await operation.run("head", [key], {});
      return true;
    } catch (error) {
      if (StorageError.is(error, "FileNotFound")) return false;
      throw error;
    }
  });
}
