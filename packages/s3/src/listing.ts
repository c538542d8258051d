import { compareKeys, type DriverPage, type ListCall, UnavailableError } from "@storage/core";
import type { Connection } from "./connection.ts";
import { decodeKey } from "./keys.ts";
import { unquoted } from "./object-input.ts";

/** Of one request. */
const mostKeys = 1000;

export async function listPage(connection: Connection, bucket: string, call: ListCall): Promise<DriverPage> {
  const { prefix, delimiter, after, cursor } = call;
  const input = {
    Bucket: bucket,
    Prefix: prefix || undefined,
    Delimiter: delimiter,
    MaxKeys: Math.min(call.limit, mostKeys),
    EncodingType: "url" as const,
    ContinuationToken: cursor,
    StartAfter: cursor === undefined ? after || undefined : undefined,
  };
  const answer = await connection.send((sdk, client) =>
    client.send(new sdk.ListObjectsV2Command(input), { abortSignal: call.signal }),
  );
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
  // S3 folds what lies after the start into the prefix that it began with; ours begins behind it.
  const isBehind = (name: string): boolean => after === undefined || compareKeys(name, after) > 0;
  return {
    entries: entries.filter(({ key }) => isBehind(key)),
    prefixes: prefixes.filter((name) => name !== after),
    more,
    cursor: answer.NextContinuationToken,
  };
}
