import { type Call, compareKeys, type DriverPage, type ListCall, UnavailableError } from "@storage/core";
import type { Connection } from "./connection.ts";
import { documentOf, factsOfFailure } from "./failure.ts";
import { type Listing, readListing } from "./listing-document.ts";

/** Of one request. */
const mostKeys = 1000;
/** Characters, more than so many keys of the longest kind take. */
const largestPage = 16 * 2 ** 20;

export async function listPage(connection: Connection, call: ListCall): Promise<DriverPage> {
  const { after, cursor } = call;
  const folded = cursor === undefined && after !== undefined ? foldedPrefixAround(after, call) : undefined;
  if (folded !== undefined && folded !== after && (await hasAny(connection, folded, after, call)))
    return { entries: [], prefixes: [folded], more: true };
  try {
    return await ask(connection, call);
  } catch (cause) {
    const { prefix } = call;
    const parent = prefix.slice(0, prefix.lastIndexOf("/") + 1);
    // MinIO takes a prefix whose last segment is dots for a way out of the bucket.
    if (factsOfFailure(cause).code !== "XMinioInvalidResourceName" || parent === prefix) throw cause;
    return await listBelow(connection, parent, call);
  }
}

/** What is asked of the bucket. */
export interface ListingQuery {
  readonly prefix?: string | undefined;
  readonly delimiter?: string | undefined;
  readonly after?: string | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
}

/** @throws UnavailableError for what is no listing, which would look like an empty one. */
export async function listObjects(
  connection: Connection,
  { prefix, delimiter, after, cursor, limit }: ListingQuery,
  signal: AbortSignal,
): Promise<Listing> {
  const query: Record<string, string> = {
    "list-type": "2",
    "encoding-type": "url",
    "max-keys": String(Math.min(limit, mostKeys)),
  };
  if (prefix) query.prefix = prefix;
  if (delimiter) query.delimiter = delimiter;
  if (cursor !== undefined) query["continuation-token"] = cursor;
  else if (after) query["start-after"] = after;
  const answer = await connection.request({ method: "GET", key: "", query, headers: {} }, signal);
  return readListing(await documentOf(answer.body, largestPage));
}

/**
 * Whether something with this prefix comes after this key. Some services begin behind the whole folded
 * prefix that `StartAfter` lies in; AWS shows what is left of it, and so do we.
 */
async function hasAny(
  connection: Connection,
  prefix: string,
  after: string | undefined,
  { signal }: Call,
): Promise<boolean> {
  const { entries } = await listObjects(connection, { prefix, after, limit: 1 }, signal);
  return entries.length > 0;
}

/** `folder/` for `folder/key`, where that is what a listing would show of it. */
function foldedPrefixAround(key: string, { prefix, delimiter }: ListCall): string | undefined {
  if (!delimiter || !key.startsWith(prefix)) return undefined;
  const end = key.indexOf(delimiter, prefix.length);
  return end < 0 ? undefined : key.slice(0, end + delimiter.length);
}

/** The same page, asked for without the end of its prefix. */
async function listBelow(connection: Connection, parent: string, call: ListCall): Promise<DriverPage> {
  const { prefix, after = "" } = call;
  const page = await ask(connection, {
    ...call,
    prefix: parent,
    after: compareKeys(after, prefix) > 0 ? after : justBefore(prefix),
  });
  const isInside = (name: string): boolean => name.startsWith(prefix);
  const names = [...page.entries.map(({ key }) => key), ...page.prefixes];
  const isOver = names.some((name) => !isInside(name) && compareKeys(name, prefix) > 0);
  return {
    entries: page.entries.filter(({ key }) => isInside(key)),
    prefixes: page.prefixes.filter(isInside),
    more: page.more && !isOver,
    cursor: page.cursor,
  };
}

/** Of a prefix that ends in a dot. What lies between the two is left out of the answer. */
function justBefore(prefix: string): string {
  return `${prefix.slice(0, -1)}-\u{10ffff}`;
}

async function ask(connection: Connection, call: ListCall): Promise<DriverPage> {
  const page = await listObjects(connection, call, call.signal);
  if (page.more && (page.cursor ?? call.cursor) === call.cursor)
    throw new UnavailableError("the service repeats a page of its listing");
  // AWS folds what comes after a prefix into that prefix once more.
  return { ...page, prefixes: page.prefixes.filter((name) => name !== call.after) };
}
