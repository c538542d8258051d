import { unquotedOrNone } from "../conditions.ts";
import type { Context } from "../context.ts";
import type { DeleteOptions } from "../operation-options.ts";
import { checkOptions } from "../option-checks.ts";
import { checkSupported } from "../supported.ts";
import { checkKey } from "./check-key.ts";

export function remove(context: Context, key: string, options: DeleteOptions): Promise<boolean> {
  return context.run({ operation: "delete", key }, async (operation) => {
    checkKey(context.driver, key);
    checkOptions("delete", options);
    checkSupported(context.driver, "delete", options);
    operation.begin(options.signal);
    return await context.driver.remove(key, operation.call({ ifMatch: unquotedOrNone(options.ifMatch) }));
  });
}
