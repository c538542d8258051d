import type { Operation } from "../operation.ts";
import type { Call, DriverEntry, DriverPage, ListCall, StorageDriver } from "../storage-driver.ts";
import { StorageError } from "../storage-error.ts";
import { compareKeys } from "../validate-key.ts";

/** A place in a listing, in our words and in the service's. */
export interface Place {
  readonly after?: string | undefined;
  readonly cursor?: string | undefined;
}

export type Query = Omit<ListCall, keyof Call | "limit" | keyof Place>;

/** What lies from one place to the next, and the next place where there is more. */
export interface Stretch {
  readonly entries: DriverEntry[];
  readonly prefixes: string[];
  readonly next?: Place | undefined;
}

/** Exactly `limit` entries and prefixes while there are so many, over as many pages of the service as that takes. */
export async function stretch(
  driver: StorageDriver,
  query: Query,
  from: Place,
  limit: number,
  operation: Operation,
): Promise<Stretch> {
  const entries: DriverEntry[] = [];
  const prefixes: string[] = [];
  let place: Place | undefined = from;
  while (place !== undefined && entries.length + prefixes.length < limit) {
    const left = limit - entries.length - prefixes.length;
    const page: DriverPage = await driver.list(operation.call({ ...query, ...place, limit: left }));
    for (const entry of page.entries) entries.push(entry);
    for (const prefix of page.prefixes) prefixes.push(prefix);
    place = nextPlace(page, place);
  }
  return { entries, prefixes, next: place };
}

/** @throws StorageError for a service that answers for ever with the same place. */
function nextPlace(page: DriverPage, place: Place): Place | undefined {
  if (!page.more) return undefined;
  const after = lastOf(page) ?? place.after;
  if (after === place.after && page.cursor === place.cursor) {
    throw new StorageError("the service repeats a page of its listing: it would never end");
  }
  return { after, cursor: page.cursor };
}

function lastOf({ entries, prefixes }: DriverPage): string | undefined {
  const key = entries.at(-1)?.key;
  const prefix = prefixes.at(-1);
  if (key === undefined || prefix === undefined) return key ?? prefix;
  return compareKeys(key, prefix) < 0 ? prefix : key;
}
