import {
  type Attributes,
  type CopyCall,
  checkRead,
  copiedAttributes,
  type ObjectFacts,
  StorageError,
  UnavailableError,
  writeId,
} from "@storage/core";
import type { Connection } from "./connection.ts";
import { factsOfFailure, unlikeS3 } from "./failure.ts";
import { encodeKey } from "./keys.ts";
import { unquoted } from "./object-words.ts";
import { type Part, PartedUpload } from "./parted-upload.ts";
import { headObject } from "./reading.ts";
import type { UploadSettings } from "./uploading.ts";

export interface CopySettings extends UploadSettings {
  /** Bytes. What is larger is copied in parts. */
  readonly copyThreshold: number;
  readonly copyIfMatch: boolean;
}

/** Bytes of a part that is copied, at most: larger ones are no faster. */
const copiedPart = 256 * 2 ** 20;

/** How often a copy is begun again whose source was changed meanwhile. */
const turns = 3;

/** The source is looked at first, and copied as it was then: what the answer of a copy does not tell is known so. */
export async function copyObject(
  connection: Connection,
  settings: CopySettings,
  source: string,
  target: string,
  call: CopyCall,
): Promise<ObjectFacts> {
  for (let turn = 1; ; turn++) {
    const found = await headObject(connection, source, call);
    checkRead(found, { ifMatch: call.ifMatch });
    try {
      return await copyFound(connection, settings, source, found, target, call);
    } catch (cause) {
      const isConditional = call.ifMatch !== undefined || call.ifNoneMatch !== undefined;
      if (isConditional || !isFailedCondition(cause)) throw cause;
      if (turn === turns)
        throw new UnavailableError("the source is changed again and again", { outcome: "not-applied" });
    }
  }
}

async function copyFound(
  connection: Connection,
  settings: CopySettings,
  source: string,
  found: ObjectFacts,
  target: string,
  call: CopyCall,
): Promise<ObjectFacts> {
  const attributes: Attributes = { ...copiedAttributes(found), ...call.replace };
  const from = {
    CopySource: `${connection.target.Bucket}/${encodeKey(source)}`,
    ...(settings.copyIfMatch ? { CopySourceIfMatch: found.etag } : {}),
  };
  if (found.size <= settings.copyThreshold)
    return await copyAtOnce(connection, from, found, attributes, target, call);
  await new PartedUpload(connection, settings, target, call).run({
    parts: partsOf(connection, settings, from, found.size, target),
    attributes,
    conditions: { ifNoneMatch: call.ifNoneMatch },
    check: async () => {
      if (!settings.copyIfMatch)
        checkRead(await headObject(connection, source, call), { ifMatch: found.etag });
    },
  });
  return await headObject(connection, target, call);
}

const isFailedCondition = (cause: unknown): boolean =>
  StorageError.is(cause, "PreconditionFailed") || factsOfFailure(cause).code === "PreconditionFailed";

interface Source {
  readonly CopySource: string;
  readonly CopySourceIfMatch?: string;
}

async function copyAtOnce(
  connection: Connection,
  from: Source,
  found: ObjectFacts,
  attributes: Attributes,
  target: string,
  call: CopyCall,
): Promise<ObjectFacts> {
  const keeps = call.replace === undefined && found.internal[writeId] === undefined;
  const { CopyObjectResult: result } = await connection.send(
    (sdk, to) =>
      new sdk.CopyObjectCommand({
        ...to,
        ...from,
        Key: target,
        IfNoneMatch: call.ifNoneMatch,
        ...(keeps ? {} : { ...connection.words.inputOf(attributes), MetadataDirective: "REPLACE" }),
      }),
    call.signal,
  );
  if (result?.ETag === undefined) throw unlikeS3("etag");
  const etag = unquoted(result.ETag);
  const lastModified = result.LastModified;
  // Another etag: of parts, which are one now, or of a source that was changed meanwhile.
  if (etag !== found.etag || lastModified === undefined) return await headObject(connection, target, call);
  return { ...attributes, size: found.size, etag, lastModified };
}

function* partsOf(
  connection: Connection,
  { copyThreshold, maxParts }: CopySettings,
  from: Source,
  size: number,
  target: string,
): Generator<Part, undefined, undefined> {
  const partSize = Math.max(Math.min(copyThreshold, copiedPart), Math.ceil(size / maxParts));
  for (let start = 0; start < size; start += partSize) {
    const end = Math.min(size, start + partSize);
    yield {
      size: end - start,
      send: async ({ uploadId, number }, signal) => {
        const { CopyPartResult } = await connection.send(
          (sdk, to) =>
            new sdk.UploadPartCopyCommand({
              ...to,
              ...from,
              Key: target,
              UploadId: uploadId,
              PartNumber: number,
              CopySourceRange: `bytes=${start}-${end - 1}`,
            }),
          signal,
        );
        if (CopyPartResult?.ETag === undefined) throw unlikeS3("etag");
        return { ETag: CopyPartResult.ETag, ChecksumCRC32: CopyPartResult.ChecksumCRC32 };
      },
    };
  }
}
