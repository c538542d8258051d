import { join } from "node:path";
import type { StorageBackend } from "@storage/core";
import { LocalBackend } from "@storage/local";
import { MemoryBackend } from "@storage/memory";
import { S3Backend } from "@storage/s3";

const { env } = process;

const backends: Readonly<Record<string, () => StorageBackend>> = {
  memory: () => new MemoryBackend(),
  local: () => new LocalBackend({ basePath: env.STORAGE_BASE_PATH || join(import.meta.dirname, "data") }),
  s3: () =>
    new S3Backend({
      bucket: env.STORAGE_S3_BUCKET ?? "",
      region: env.STORAGE_S3_REGION,
      endpoint: env.STORAGE_S3_ENDPOINT,
      accessKeyId: env.STORAGE_S3_ACCESS_KEY,
      secretAccessKey: env.STORAGE_S3_SECRET_KEY,
    }),
};

export const names: readonly string[] = Object.keys(backends);

/** Undefined for a name that is none of `names`. */
export function backendCalled(name: string): StorageBackend | undefined {
  return names.includes(name) ? backends[name]?.() : undefined;
}
