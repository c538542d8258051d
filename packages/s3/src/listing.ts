import type { ListObjectsV2CommandInput, ListObjectsV2CommandOutput } from "@aws-sdk/client-s3";
import { type Call, compareKeys, type DriverPage, type ListCall, UnavailableError } from "@storage/core";
import type { Connection } from "./connection.ts";
import { factsOfFailure, unlikeS3 } from "./failure.ts";
import { decodeKey } from "./keys.ts";
import { unquoted } from "./object-words.ts";

/** Of one request. */
const mostKeys = 1000;

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

/** @throws UnavailableError for what is no listing, which would look like an empty one. */
export async function listObjects(
  connection: Connection,
  input: Omit<ListObjectsV2CommandInput, "Bucket">,
  signal: AbortSignal,
): Promise<ListObjectsV2CommandOutput> {
  const answer = await connection.send(
    (sdk, target) => new sdk.ListObjectsV2Command({ ...target, ...input }),
    signal,
  );
  if (answer.IsTruncated === undefined) throw unlikeS3("IsTruncated", "not-applied");
  return answer;
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
  const input = { Prefix: prefix, StartAfter: after, MaxKeys: 1 };
  const { Contents = [] } = await listObjects(connection, input, signal);
  return Contents.length > 0;
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

async function ask(
  connection: Connection,
  { prefix, delimiter, limit, after, cursor, signal }: ListCall,
): Promise<DriverPage> {
  const input = {
    Prefix: prefix || undefined,
    Delimiter: delimiter,
    MaxKeys: Math.min(limit, mostKeys),
    EncodingType: "url",
    ContinuationToken: cursor,
    StartAfter: cursor === undefined ? after || undefined : undefined,
  } as const;
  const answer = await listObjects(connection, input, signal);
  const decode = answer.EncodingType === "url" ? decodeKey : (key: string) => key;
  const entries = (answer.Contents ?? []).map(({ Key = "", Size, ETag, LastModified }) => ({
    key: decode(Key),
    size: Size,
    etag: unquoted(ETag),
    lastModified: LastModified,
  }));
  const prefixes = (answer.CommonPrefixes ?? []).map(({ Prefix = "" }) => decode(Prefix));
  const more = answer.IsTruncated ?? false;
  if (more && (answer.NextContinuationToken ?? cursor) === cursor)
    throw new UnavailableError("the service repeats a page of its listing");
  return {
    entries,
    // AWS folds what comes after a prefix into that prefix once more.
    prefixes: prefixes.filter((name) => name !== after),
    more,
    cursor: answer.NextContinuationToken,
  };
}
