import type { ListEntry } from "@storage/core";
import { S3Backend } from "@storage/s3";
import type { Bucket, Store } from "../store.ts";
import { partConcurrency, partSize } from "./parts.ts";

export async function openStore(place: Bucket): Promise<Store> {
  const backend = new S3Backend({ ...place, partSize, partConcurrency });
  return {
    put: (key, bytes) => backend.put(key, bytes),
    get: (key) => backend.get(key),
    head: (key) => backend.getMetadata(key),
    url: (key) => backend.getUrl(key, { mustExist: false }),
    async entries() {
      const entries: ListEntry[] = [];
      for await (const entry of backend.list()) entries.push(entry);
      return entries;
    },
    streams: {
      put: (key, source) => backend.put(key, source),
      get: async (key) => (await backend.open(key)).body,
    },
  };
}
