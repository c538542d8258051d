import type { Context } from "../context.ts";
import type { OperationOptions } from "../operation-options.ts";
import { checkOptions } from "../option-checks.ts";

/** A listing of one key is what every service can do. */
export function checkHealth(context: Context, options: OperationOptions): Promise<void> {
  return context.run({ operation: "checkHealth" }, async (operation) => {
    const { driver } = context;
    checkOptions("operation", options);
    operation.begin(options.signal);
    if (driver.checkHealth !== undefined) await driver.checkHealth(operation.call({}));
    else await driver.list(operation.call({ prefix: "", limit: 1, keysOnly: true }));
  });
}
