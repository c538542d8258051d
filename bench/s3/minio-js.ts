import { Agent } from "node:http";
import { buffer } from "node:stream/consumers";
import { Client } from "minio";
import type { Bucket, Store } from "../store.ts";
import { partSize } from "./parts.ts";

export async function openStore({
  endpoint,
  region,
  accessKeyId,
  secretAccessKey,
  bucket,
}: Bucket): Promise<Store> {
  const { hostname, port } = new URL(endpoint);
  const client = new Client({
    endPoint: hostname,
    port: Number(port),
    useSSL: false,
    accessKey: accessKeyId,
    secretKey: secretAccessKey,
    region,
    partSize,
    transportAgent: new Agent({ keepAlive: true, maxSockets: 256 }),
  });
  return {
    put: (key, { buffer: bytes, byteOffset, length }) =>
      client.putObject(bucket, key, Buffer.from(bytes, byteOffset, length)),
    get: async (key) => await buffer(await client.getObject(bucket, key)),
    head: (key) => client.statObject(bucket, key),
    url: (key) => client.presignedGetObject(bucket, key, 3600),
    async entries() {
      const entries: unknown[] = [];
      for await (const entry of client.listObjectsV2(bucket, "", true)) entries.push(entry);
      return entries;
    },
    streams: {
      // It sends one part after another.
      put: (key, source, size) => client.putObject(bucket, key, source, size),
      get: (key) => client.getObject(bucket, key),
    },
  };
}
