import { Readable } from "node:stream";
import { S3mini } from "s3mini";
import type { Bucket, Store } from "../store.ts";
import { partSize } from "./parts.ts";

export async function openStore({ endpoint, bucket, ...keys }: Bucket): Promise<Store> {
  // Four parts at once is what it does by itself.
  const client = new S3mini({ ...keys, endpoint: `${endpoint}/${bucket}`, minPartSize: partSize });
  return {
    put: (key, bytes) => client.putObject(key, bytes),
    get: async (key) => new Uint8Array((await client.getObjectArrayBuffer(key)) ?? []),
    // Its HEAD gives the etag, or the length, or that there is one: never all.
    head: (key) => client.getEtag(key),
    url: (key) => client.getPresignedUrl("GET", key, 3600),
    entries: async () => (await client.listObjects()) ?? [],
    streams: {
      put: (key, source) => client.putAnyObject(key, Readable.toWeb(source) as ReadableStream<Uint8Array>),
      async get(key) {
        const body = (await client.getObjectResponse(key))?.body;
        if (!body) throw new Error("no body");
        return body;
      },
    },
  };
}
