import { Readable } from "node:stream";
import { Files } from "files-sdk";
import { s3 } from "files-sdk/s3";
import type { Bucket, Store } from "../store.ts";
import { partConcurrency as concurrency, partSize } from "./parts.ts";

export async function openStore({ accessKeyId, secretAccessKey, ...place }: Bucket): Promise<Store> {
  // It makes the SDK's client itself, and has no option for the settings that make one fast.
  const adapter = s3({ ...place, forcePathStyle: true, credentials: { accessKeyId, secretAccessKey } });
  const files = new Files({ adapter });
  return {
    put: (key, bytes) => files.upload(key, bytes),
    get: async (key) => new Uint8Array(await (await files.download(key)).arrayBuffer()),
    head: (key) => files.head(key),
    url: (key) => files.url(key),
    async entries() {
      const entries: unknown[] = [];
      for await (const entry of files.listAll()) entries.push(entry);
      return entries;
    },
    streams: {
      put: (key, source) =>
        files.upload(key, Readable.toWeb(source) as ReadableStream<Uint8Array>, {
          multipart: { partSize, concurrency },
        }),
      get: async (key) => (await files.download(key, { as: "stream" })).stream(),
    },
  };
}
