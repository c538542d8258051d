import { Disk } from "flydrive";
import { S3Driver } from "flydrive/drivers/s3";
import type { Bucket, Store } from "../store.ts";
import { bestClient } from "./client.ts";

export async function openStore(place: Bucket): Promise<Store> {
  const { bucket } = place;
  const client = bestClient(place);
  const disk = new Disk(new S3Driver({ client, bucket, visibility: "private", supportsACL: false }));
  return {
    put: (key, bytes) => disk.put(key, bytes),
    get: (key) => disk.getBytes(key),
    head: (key) => disk.getMetaData(key),
    url: (key) => disk.getSignedUrl(key, { expiresIn: 3600 }),
    // With neither size nor date: its listing gives names alone.
    async entries() {
      const entries: unknown[] = [];
      let paginationToken: string | undefined;
      do {
        const page = await disk.listAll("", { recursive: true, ...(paginationToken && { paginationToken }) });
        entries.push(...page.objects);
        paginationToken = page.paginationToken;
      } while (paginationToken !== undefined);
      return entries;
    },
    streams: {
      // It has no parts: one request, which has to say its length.
      put: (key, source, contentLength) => disk.putStream(key, source, { contentLength }),
      get: (key) => disk.getStream(key),
    },
  };
}
