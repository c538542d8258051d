import { AwsS3StorageAdapter } from "@flystorage/aws-s3";
import { FileStorage } from "@flystorage/file-storage";
import type { Bucket, Store } from "../store.ts";
import { bestClient } from "./client.ts";
import { partSize, partConcurrency as queueSize } from "./parts.ts";

export async function openStore(place: Bucket): Promise<Store> {
  const { bucket } = place;
  const adapter = new AwsS3StorageAdapter(bestClient(place), {
    bucket,
    uploadConfiguration: { partSize, queueSize },
  });
  const storage = new FileStorage(adapter);
  return {
    // It takes a plain Uint8Array for an iterable of numbers.
    put: (key, { buffer, byteOffset, length }) => storage.write(key, Buffer.from(buffer, byteOffset, length)),
    get: (key) => storage.readToUint8Array(key),
    head: (key) => storage.stat(key),
    url: (key) => storage.temporaryUrl(key, { expiresAt: Date.now() + 3_600_000 }),
    async entries() {
      const entries: unknown[] = [];
      for await (const entry of storage.list("", { deep: true })) entries.push(entry);
      return entries;
    },
    streams: {
      put: (key, source) => storage.write(key, source),
      get: (key) => storage.read(key),
    },
  };
}
