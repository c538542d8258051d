import type { Context } from "../context.ts";
import type { ListOptions } from "../operation-options.ts";
import { checkOptions } from "../option-checks.ts";
import type { ListEntry } from "../storage-backend.ts";
import { validatePrefix } from "../validate-key.ts";
import { listEntryOf } from "./list-entry.ts";
import { type Place, type Stretch, stretch } from "./pages.ts";

/** Asked for at once: what a page of most services holds. */
const pageSize = 1000;

/** Reads ahead by one page at the most; each page is a call of its own. */
export async function* list(context: Context, options: ListOptions): AsyncGenerator<ListEntry> {
  let place: Place | undefined = { after: options.startAfter };
  let left = options.limit ?? Number.POSITIVE_INFINITY;
  while (place !== undefined && left > 0) {
    const page: Stretch = await listSome(context, options, place, Math.min(left, pageSize));
    for (const entry of page.entries) yield listEntryOf(entry);
    left -= page.entries.length;
    place = page.next;
  }
}

function listSome(context: Context, options: ListOptions, from: Place, limit: number): Promise<Stretch> {
  return context.run({ operation: "list" }, async (operation) => {
    const { prefix = "", startAfter = "", signal } = options;
    validatePrefix(prefix);
    validatePrefix(startAfter);
    checkOptions("list", options);
    operation.begin(signal);
    return await stretch(context.driver, { prefix, keysOnly: false }, from, limit, operation);
  });
}
