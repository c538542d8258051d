import type { Call } from "@storage/core";
import type { Connection } from "./connection.ts";

interface Marker {
  readonly KeyMarker?: string | undefined;
  readonly UploadIdMarker?: string | undefined;
}

/** Uploads in parts that were begun before `olderThan` milliseconds and never ended, whoever began them. */
export async function sweepUploads(
  connection: Connection,
  bucket: string,
  { olderThan, attempt }: Call & { readonly olderThan: number },
): Promise<number> {
  const before = connection.now().getTime() - olderThan;
  let removed = 0;
  let marker: Marker | undefined = {};
  while (marker !== undefined) {
    const input: Marker & { Bucket: string } = { Bucket: bucket, ...marker };
    const {
      Uploads = [],
      IsTruncated,
      NextKeyMarker,
      NextUploadIdMarker,
    } = await attempt((abortSignal) =>
      connection.send((sdk, client) =>
        client.send(new sdk.ListMultipartUploadsCommand(input), { abortSignal }),
      ),
    );
    for (const { Key, UploadId, Initiated } of Uploads) {
      if (Initiated === undefined || Initiated.getTime() > before) continue;
      await attempt((abortSignal) =>
        connection.send((sdk, client) =>
          client.send(new sdk.AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId }), {
            abortSignal,
          }),
        ),
      );
      removed++;
    }
    marker = IsTruncated ? { KeyMarker: NextKeyMarker, UploadIdMarker: NextUploadIdMarker } : undefined;
  }
  return removed;
}
