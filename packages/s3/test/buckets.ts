import { setTimeout } from "node:timers/promises";
import { S3Backend, type S3BackendOptions, type S3ServiceName } from "@storage/s3";
import type { Subject } from "@storage/testing";
import { type S3ServiceName as ServerName, s3Service } from "../../../scripts/s3-service.ts";

/** The servers that tests meet, and what each is to `S3Backend`. */
const servers: Readonly<Record<ServerName, S3ServiceName>> = {
  minio: "minio",
  radosgw: "ceph",
  versitygw: "versitygw",
};

export interface Bucket extends Subject {
  readonly backend: S3Backend;
  readonly options: S3BackendOptions;
  readonly dispose: () => Promise<void>;
}

/** A bucket of its own, removed with all that is in it. */
export async function withBucket(server: ServerName, more: Partial<S3BackendOptions> = {}): Promise<Bucket> {
  const bucket = `test-${crypto.randomUUID()}`;
  const place = { ...s3Service(server), bucket, service: servers[server] };
  const options = { ...place, ...more };
  const owner = new S3Backend(place);
  const { CreateBucketCommand, DeleteBucketCommand } = await import("@aws-sdk/client-s3");
  const client = await owner.client();
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  return {
    backend: new S3Backend(options),
    options,
    dispose: async () => {
      await removed(owner, () => client.send(new DeleteBucketCommand({ Bucket: bucket })));
      await owner.close();
    },
  };
}

/** Ceph's index may still hold for a moment what writes that raced with deletions have left there. */
async function removed(owner: S3Backend, removeBucket: () => Promise<unknown>, attempts = 20): Promise<void> {
  await owner.sweep({ olderThan: 0 });
  await owner.deleteMany(keysOf(owner));
  try {
    await removeBucket();
  } catch (error) {
    if (attempts === 1 || Object(error).name !== "BucketNotEmpty") throw error;
    await setTimeout(250);
    await removed(owner, removeBucket, attempts - 1);
  }
}

async function* keysOf(backend: S3Backend): AsyncGenerator<string> {
  for await (const { key } of backend.list()) yield key;
}
