import type { Operation } from "../operation.ts";
import type { Call, DriverEntry, ListCall } from "../storage-driver.ts";
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
  readonly entries: readonly DriverEntry[];
  readonly prefixes: readonly string[];
  readonly next?: Place | undefined;
}

/** One page of the service, of at most `limit` entries and prefixes. */
export async function page(
  operation: Operation,
  query: Query,
  place: Place,
  limit: number,
): Promise<Stretch> {
  const { entries, prefixes, more, cursor } = await operation.run("list", [], { ...query, ...place, limit });
  if (!more) return { entries, prefixes };
  const last = [entries.at(-1)?.key ?? "", prefixes.at(-1) ?? ""].sort(compareKeys)[1];
  const after = last || place.after;
  if (after !== place.after || cursor !== place.cursor) return { entries, prefixes, next: { after, cursor } };
  throw new StorageError("the service repeats a page of its listing");
}

/** Exactly `limit` entries and prefixes while there are so many, over as many pages of the service as that takes. */
export async function stretch(
  operation: Operation,
  query: Query,
  from: Place,
  limit: number,
): Promise<Stretch> {
  const entries: DriverEntry[] = [];
  const prefixes: string[] = [];
  let next: Place | undefined = from;
  for (let left = limit; next && left > 0; left = limit - entries.length - prefixes.length) {
    const found: Stretch = await page(operation, query, next, left);
    for (const entry of found.entries) entries.push(entry);
    for (const prefix of found.prefixes) prefixes.push(prefix);
    next = found.next;
  }
  return { entries, prefixes, next };
}
