import type { Context } from "../context.ts";
import type { ListKeysOptions } from "../operation-options.ts";
import { checkOptions } from "../option-checks.ts";
import { validatePrefix } from "../validate-key.ts";
import { stretch } from "./pages.ts";

export function listKeys(context: Context, options: ListKeysOptions): Promise<string[]> {
  return context.run({ operation: "listKeys" }, async (operation) => {
    const { prefix = "", limit = 1000, signal } = options;
    validatePrefix(prefix);
    checkOptions("listKeys", options);
    operation.begin(signal);
    const { entries } = await stretch(context.driver, { prefix, keysOnly: true }, {}, limit, operation);
    return entries.map((entry) => entry.key);
  });
}
