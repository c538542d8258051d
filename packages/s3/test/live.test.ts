import { withPrefix } from "@storage/core";
import { S3Backend, type S3BackendOptions } from "@storage/s3";
import { runConformance, type Subject } from "@storage/testing";
import { afterAll, beforeAll, describe, test } from "vitest";
import { available } from "../../../scripts/requirements.ts";
import { type Bucket, withBucket } from "./buckets.ts";

/**
 * The suite on a bucket that is there, below a prefix of its own: STORAGE_LIVE_S3_BUCKET, with _REGION,
 * _ENDPOINT, _ACCESS_KEY and _SECRET_KEY as the bucket needs them, else what the SDK's own chain
 * gives. Without them it runs on MinIO, which shows that it works.
 */
const live = (name: string): string | undefined => process.env[`STORAGE_LIVE_S3_${name}`] || undefined;

function named(): S3BackendOptions | undefined {
  const bucket = live("BUCKET");
  return bucket === undefined
    ? undefined
    : {
        bucket,
        region: live("REGION"),
        endpoint: live("ENDPOINT"),
        accessKeyId: live("ACCESS_KEY"),
        secretAccessKey: live("SECRET_KEY"),
      };
}

describe.skipIf(!named() && !available("minio"))("a bucket that is there", () => {
  let ofTest: Bucket | undefined;
  let owner: S3Backend;
  beforeAll(async () => {
    const options = named();
    ofTest = options ? undefined : await withBucket("minio");
    const probed = new S3Backend(options ?? (ofTest as Bucket).options);
    owner = new S3Backend({ ...(options ?? (ofTest as Bucket).options), features: await probed.probe() });
    await probed.close();
  });
  afterAll(async () => {
    await owner.close();
    await ofTest?.dispose();
  });

  const open = (): Subject => {
    const prefix = `live-${crypto.randomUUID()}/`;
    return {
      backend: withPrefix(owner, prefix),
      dispose: async () => {
        await owner.deleteMany(await owner.listKeys({ prefix, limit: 100_000 }));
      },
    };
  };
  runConformance({ describe: describe.concurrent, test }, { open });
});
