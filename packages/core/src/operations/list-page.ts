import type { Context } from "../context.ts";
import { decodeCursor, encodeCursor } from "../cursor.ts";
import type { ListPageOptions } from "../operation-options.ts";
import { checkOptions } from "../option-checks.ts";
import type { ListPage } from "../storage-backend.ts";
import { checkSupported } from "../supported.ts";
import { validatePrefix } from "../validate-key.ts";
import { listEntryOf } from "./list-entry.ts";
import { stretch } from "./pages.ts";

export function listPage(context: Context, options: ListPageOptions): Promise<ListPage> {
  return context.run({ operation: "listPage" }, async (operation) => {
    const { prefix = "", delimiter, startAfter = "", limit = 1000, cursor, signal } = options;
    validatePrefix(prefix);
    validatePrefix(startAfter);
    checkOptions("listPage", options);
    const query = [prefix, delimiter ?? "", startAfter];
    const from = cursor === undefined ? { after: startAfter || undefined } : decodeCursor(cursor, query);
    checkSupported(context.driver, "listPage", options);
    operation.begin(signal);
    const page = await stretch(
      context.driver,
      { prefix, delimiter, keysOnly: false },
      from,
      limit,
      operation,
    );
    return {
      entries: page.entries.map(listEntryOf),
      prefixes: page.prefixes,
      ...(page.next !== undefined && { cursor: encodeCursor(page.next, query) }),
    };
  });
}
