import { CreateBucketCommand, DeleteBucketCommand } from "@aws-sdk/client-s3";
import { S3Backend } from "@storage/s3";
import { type S3ServiceName, s3Service } from "../../scripts/s3-service.ts";
import type { Bucket } from "../store.ts";

/** Lends a bucket that is new, and gone afterwards with all that is in it. */
export async function inBucket<Result>(
  name: S3ServiceName,
  work: (place: Bucket) => Promise<Result>,
): Promise<Result> {
  const place: Bucket = { ...s3Service(name), bucket: `storage-bench-${crypto.randomUUID()}` };
  await using backend = new S3Backend(place);
  const client = await backend.client();
  await client.send(new CreateBucketCommand({ Bucket: place.bucket }));
  try {
    return await work(place);
  } finally {
    await backend.sweep({ olderThan: 0 });
    await backend.deleteMany(keysOf(backend));
    await client.send(new DeleteBucketCommand({ Bucket: place.bucket }));
  }
}

async function* keysOf(backend: S3Backend): AsyncGenerator<string> {
  for await (const { key } of backend.list()) yield key;
}
