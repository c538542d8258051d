import type { Context } from "../context.ts";
import type { ListOptions } from "../operation-options.ts";
import type { ListEntry } from "../storage-backend.ts";
import { listEntryOf } from "./list-page.ts";
import { type Place, page, type Stretch } from "./pages.ts";

/** Asked for at once: what a page of most services holds. */
const pageSize = 1000;

/** Each page is a call of its own, made when the one before was read. */
export async function* list(context: Context, options: ListOptions): AsyncGenerator<ListEntry> {
  let place: Place | undefined;
  let left = Number.MAX_SAFE_INTEGER;
  do {
    const found: Stretch = await context.run({ operation: "list" }, options, (operation) => async () => {
      const { prefix = "", startAfter, limit = left } = options;
      left = Math.min(left, limit);
      if (left === 0) return { entries: [], prefixes: [] };
      const from = place ?? { after: startAfter || undefined };
      return await page(operation, { prefix, keysOnly: false }, from, Math.min(left, pageSize));
    });
    for (const entry of found.entries) yield listEntryOf(entry);
    left -= found.entries.length;
    place = found.next;
  } while (place && left > 0);
}
