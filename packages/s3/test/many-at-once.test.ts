import { CreateMultipartUploadCommand } from "@aws-sdk/client-s3";
import { S3Backend } from "@storage/s3";
import { afterEach, describe, expect, test, vi } from "vitest";
import { available } from "../../../scripts/requirements.ts";
import { withBucket } from "./buckets.ts";

afterEach(() => vi.unstubAllEnvs());

describe.skipIf(!available("minio"))("what others do meanwhile, on MinIO", () => {
  test("sweeps at once remove each upload once, and none fails over another", async () => {
    const { backend, options, dispose } = await withBucket("minio");
    const client = await backend.client();
    for (let turn = 0; turn < 12; turn++)
      await client.send(new CreateMultipartUploadCommand({ Bucket: options.bucket, Key: `key-${turn}` }));
    const others = [1, 2, 3].map(() => new S3Backend(options));
    const swept = await Promise.all([backend, ...others].map((it) => it.sweep({ olderThan: 0 })));
    expect(swept.reduce((sum, { removed }) => sum + removed, 0)).toBeGreaterThanOrEqual(12);
    expect(await backend.sweep({ olderThan: 0 })).toEqual({ removed: 0 });
    for (const one of [backend, ...others]) await one.close();
    await dispose();
  });

  test("names that begin like ours are the caller's", async () => {
    const { backend, dispose } = await withBucket("minio");
    const metadata = { "storage--x": "1", "storage---y": "2", "storage-z": "3", storage: "4" };
    await backend.put("key", "x", { metadata, ifNoneMatch: "*" });
    expect((await backend.getMetadata("key")).metadata).toEqual(metadata);
    await backend.close();
    await dispose();
  });
});

describe.skipIf(!available("radosgw"))("a stream with a condition, on radosgw", () => {
  const large = (): ReadableStream<Uint8Array> => new Blob([new Uint8Array(9 * 2 ** 20)]).stream();

  test("goes up in one request, or not at all", async () => {
    const { backend, dispose } = await withBucket("radosgw");
    await backend.put("key", large(), { ifNoneMatch: "*" });
    expect((await backend.getMetadata("key")).size).toBe(9 * 2 ** 20);
    const again = backend.put("key", large(), { ifNoneMatch: "*" });
    await expect(again).rejects.toMatchObject({ code: "PreconditionFailed" });
    vi.stubEnv("TMPDIR", "/proc/nowhere");
    const nowhere = backend.put("other", large(), { ifNoneMatch: "*" });
    await expect(nowhere).rejects.toMatchObject({ outcome: "not-applied", retryable: false });
    expect(await backend.exists("other")).toBe(false);
    await backend.close();
    await dispose();
  });
});
