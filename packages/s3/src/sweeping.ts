import type { ListMultipartUploadsCommandOutput, MultipartUpload } from "@aws-sdk/client-s3";
import { type Call, UnavailableError } from "@storage/core";
import type { Connection } from "./connection.ts";
import { unlikeS3 } from "./failure.ts";
import { abortUpload } from "./multipart.ts";

interface Marker {
  readonly KeyMarker?: string | undefined;
  readonly UploadIdMarker?: string | undefined;
}

/** Uploads in parts that were begun before `olderThan` milliseconds and never ended, whoever began them. */
export async function sweepUploads(
  connection: Connection,
  { olderThan, attempt }: Call & { readonly olderThan: number },
): Promise<{ removed: number }> {
  const before = connection.now().getTime() - olderThan;
  let removed = 0;
  for await (const { Key, UploadId, Initiated } of uploadsOf(connection, attempt)) {
    if (Key === undefined || UploadId === undefined || Initiated === undefined) continue;
    if (Initiated.getTime() > before) continue;
    if (await attempt((signal) => abortUpload(connection, Key, UploadId, signal))) removed++;
  }
  return { removed };
}

async function* uploadsOf(
  connection: Connection,
  attempt: Call["attempt"],
): AsyncGenerator<MultipartUpload, undefined, undefined> {
  let marker: Marker | undefined = {};
  while (marker !== undefined) {
    const from: Marker = marker;
    const page = await attempt((signal) => listUploads(connection, from, signal));
    yield* page.Uploads ?? [];
    marker = markerAfter(from, page);
  }
}

/** @throws UnavailableError for what is no listing, which would look like an empty one. */
async function listUploads(
  connection: Connection,
  from: Marker,
  signal: AbortSignal,
): Promise<ListMultipartUploadsCommandOutput> {
  const page = await connection.send(
    (sdk, target) => new sdk.ListMultipartUploadsCommand({ ...target, ...from }),
    signal,
  );
  if (page.IsTruncated === undefined) throw unlikeS3("IsTruncated", "not-applied");
  return page;
}

function markerAfter(
  from: Marker,
  { IsTruncated, NextKeyMarker, NextUploadIdMarker }: ListMultipartUploadsCommandOutput,
): Marker | undefined {
  if (!IsTruncated) return undefined;
  if (NextKeyMarker === from.KeyMarker && NextUploadIdMarker === from.UploadIdMarker)
    throw new UnavailableError("the service repeats a page of its uploads");
  return { KeyMarker: NextKeyMarker, UploadIdMarker: NextUploadIdMarker };
}
