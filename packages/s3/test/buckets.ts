import { S3Backend, type S3BackendOptions } from "@storage/s3";
import type { Subject } from "@storage/testing";
import { type S3ServiceName, s3Service } from "../../../scripts/s3-service.ts";

/** A bucket of its own, removed with all that is in it. */
export async function withBucket(
  name: S3ServiceName,
  options: Partial<S3BackendOptions> = {},
): Promise<Subject> {
  const bucket = `test-${crypto.randomUUID()}`;
  const settings = { ...s3Service(name), bucket, ...options };
  const owner = new S3Backend(settings);
  const { CreateBucketCommand, DeleteBucketCommand } = await import("@aws-sdk/client-s3");
  const client = await owner.client();
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  return {
    backend: new S3Backend(settings),
    dispose: async () => {
      await owner.sweep({ olderThan: 0 });
      await owner.deleteMany(keysOf(owner));
      await client.send(new DeleteBucketCommand({ Bucket: bucket }));
      await owner.close();
    },
  };
}

async function* keysOf(backend: S3Backend): AsyncGenerator<string> {
  for await (const { key } of backend.list()) yield key;
}
