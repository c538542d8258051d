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
  let marker: Marker | undefined = {};
  while (marker !== undefined) {
    const from: Marker = marker;
    const page = await attempt((signal) =>
      connection.send((sdk, target) => new sdk.ListMultipartUploadsCommand({ ...target, ...from }), signal),
    );
    for (const { Key, UploadId, Initiated } of page.Uploads ?? []) {
      if (Key === undefined || UploadId === undefined) continue;
      if (Initiated === undefined || Initiated.getTime() > before) continue;
      await attempt((signal) => abortUpload(connection, Key, UploadId, signal));
      removed++;
    }
    const { IsTruncated, NextKeyMarker, NextUploadIdMarker } = page;
    marker = IsTruncated ? { KeyMarker: NextKeyMarker, UploadIdMarker: NextUploadIdMarker } : undefined;
  }
  return { removed };
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
