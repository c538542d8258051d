import type { Context } from "../context.ts";
import type { OperationOptions } from "../operation-options.ts";

/** A listing of one key is what every service can do. */
export function checkHealth(context: Context, options: OperationOptions): Promise<void> {
  return context.run({ operation: "checkHealth" }, options, (operation) => async () => {
    if (context.driver.checkHealth) await operation.run("checkHealth", [], {});
    else await operation.run("list", [], { prefix: "", limit: 1, keysOnly: true });
  });
}
