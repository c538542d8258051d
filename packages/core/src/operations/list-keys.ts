import type { Context } from "../context.ts";
import type { ListKeysOptions } from "../operation-options.ts";
import { stretch } from "./pages.ts";

export function listKeys(context: Context, options: ListKeysOptions): Promise<string[]> {
  return context.run({ operation: "listKeys" }, options, (operation) => async () => {
    const { prefix = "", limit = 1000 } = options;
    const { entries } = await stretch(operation, { prefix, keysOnly: true }, {}, limit);
    return entries.map(({ key }) => key);
  });
}
