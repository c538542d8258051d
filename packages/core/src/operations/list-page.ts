import type { Context } from "../context.ts";
import { decodeCursor, encodeCursor } from "../cursor.ts";
import { defined } from "../defined.ts";
import type { ListPageOptions } from "../operation-options.ts";
import type { ListEntry, ListPage } from "../storage-backend.ts";
import type { DriverEntry } from "../storage-driver.ts";
import { StorageError } from "../storage-error.ts";
import { stretch } from "./pages.ts";

export function listPage(context: Context, options: ListPageOptions): Promise<ListPage> {
  return context.run({ operation: "listPage" }, options, (operation) => {
    const { prefix = "", delimiter, startAfter = "", limit = 1000, cursor } = options;
    const query = [prefix, delimiter ?? "", startAfter];
    const from = cursor === undefined ? { after: startAfter || undefined } : decodeCursor(cursor, query);
    return async () => {
      const found = await stretch(operation, { prefix, delimiter, keysOnly: false }, from, limit);
      return defined({
        entries: found.entries.map(listEntryOf),
        prefixes: [...found.prefixes],
        cursor: found.next && encodeCursor(found.next, query),
      });
    };
  });
}

/** @throws StorageError for a driver that left out what a listing with facts has. */
export function listEntryOf({ key, size, etag, lastModified }: DriverEntry): ListEntry {
  if (size === undefined || lastModified === undefined) {
    throw new StorageError("the listing lacks a size or time", { key });
  }
  return defined({ key, size, etag, lastModified: new Date(lastModified) });
}
