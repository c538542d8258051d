import {
  type Attributes,
  type CopyCall,
  checkRead,
  copiedAttributes,
  type ObjectFacts,
  UnavailableError,
  writeId,
} from "@storage/core";
import type { Connection } from "./connection.ts";
import { encodeKey } from "./keys.ts";
import { inputOf, unquoted } from "./object-input.ts";
import { headObject } from "./reading.ts";

/** The source is looked at first, and copied as it was then: what the answer of a copy does not tell is known so. */
export async function copyObject(
  connection: Connection,
  bucket: string,
  source: string,
  target: string,
  call: CopyCall,
): Promise<ObjectFacts> {
  const found = await headObject(connection, source, call);
  checkRead(found, { ifMatch: call.ifMatch });
  const attributes: Attributes = { ...copiedAttributes(found), ...call.replace };
  const keeps = call.replace === undefined && found.internal[writeId] === undefined;
  const input = {
    Bucket: bucket,
    Key: target,
    CopySource: `${bucket}/${encodeKey(source)}`,
    CopySourceIfMatch: call.ifMatch === undefined ? undefined : found.etag,
    IfNoneMatch: call.ifNoneMatch,
    ...(keeps ? {} : { ...inputOf(attributes), MetadataDirective: "REPLACE" as const }),
  };
  const { CopyObjectResult: result } = await connection.send((sdk, client) =>
    client.send(new sdk.CopyObjectCommand(input), { abortSignal: call.signal }),
  );
  const etag = unquoted(result?.ETag);
  if (etag === undefined)
    throw new UnavailableError("the service did not say what it copied", { outcome: "unknown" });
  return { ...attributes, size: found.size, etag, lastModified: result?.LastModified ?? new Date() };
}
