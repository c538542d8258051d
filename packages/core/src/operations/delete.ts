import { unquoted } from "../conditions.ts";
import type { Context } from "../context.ts";
import type { DeleteOptions } from "../operation-options.ts";

export function remove(context: Context, key: string, options: DeleteOptions): Promise<boolean> {
  return context.run({ operation: "delete", key }, options, (operation) => {
    const ifMatch = unquoted(options.ifMatch);
    return () => operation.run("remove", [key], { ifMatch });
  });
}
