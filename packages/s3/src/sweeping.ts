import type { MultipartUpload } from "@aws-sdk/client-s3";
import type { Call } from "@storage/core";
import type { Connection } from "./connection.ts";

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
    await attempt((signal) => abortUpload(connection, Key, UploadId, signal));
    removed++;
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
    const { Uploads, IsTruncated, NextKeyMarker, NextUploadIdMarker } = await attempt((signal) =>
      connection.send((sdk, target) => new sdk.ListMultipartUploadsCommand({ ...target, ...from }), signal),
    );
    yield* Uploads ?? [];
    marker = IsTruncated ? { KeyMarker: NextKeyMarker, UploadIdMarker: NextUploadIdMarker } : undefined;
  }
}

export async function abortUpload(
  connection: Connection,
  Key: string,
  UploadId: string,
  signal: AbortSignal,
): Promise<void> {
  await connection.send(
    (sdk, target) => new sdk.AbortMultipartUploadCommand({ ...target, Key, UploadId }),
    signal,
  );
}
