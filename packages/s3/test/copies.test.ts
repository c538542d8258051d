import { ListMultipartUploadsCommand } from "@aws-sdk/client-s3";
import { FaultProxy } from "@storage/testing/faults";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { available } from "../../../scripts/requirements.ts";
import { s3Service } from "../../../scripts/s3-service.ts";
import { type Bucket, withBucket } from "./buckets.ts";

const mebibyte = 2 ** 20;
/** Of three parts, the last of which is shorter. */
const bytes = new Uint8Array(11 * mebibyte).map((_, at) => (at * 31 + (at >> 12)) % 251);
const threshold = { copyThreshold: 5 * mebibyte };

function copies(server: "minio" | "radosgw"): void {
  let proxy: FaultProxy;
  let bucket: Bucket;
  beforeAll(async () => {
    const { endpoint } = s3Service(server);
    proxy = await FaultProxy.start({ target: endpoint });
    bucket = await withBucket(server, { ...threshold, endpoint: proxy.url });
    const metadata = { "with-dash": "a", with_one: "\u00fcber", blank: " x " };
    await bucket.backend.put("from.bin", bytes, {
      contentType: "video/mp4",
      cacheControl: "no-cache",
      metadata,
    });
  });
  afterAll(async () => {
    await bucket.backend.close();
    await proxy.close();
    await bucket.dispose();
  });

  const partsAsked = (): number =>
    proxy.requests.filter(({ headers }) => "x-amz-copy-source-range" in headers).length;

  async function uploads(): Promise<number> {
    const client = await bucket.backend.client();
    const { Uploads = [] } = await client.send(
      new ListMultipartUploadsCommand({ Bucket: bucket.options.bucket }),
    );
    return Uploads.length;
  }

  test("a large object is copied in parts, with all that is told of it", async () => {
    const { backend } = bucket;
    const before = partsAsked();
    const copied = await backend.copy("from.bin", "folder/\u00fc +?.bin");
    expect(partsAsked() - before).toBe(3);
    const { lastModified: _, etag: __, key: ___, ...told } = copied;
    const { lastModified: ____, etag: _____, key: ______, ...source } = await backend.getMetadata("from.bin");
    expect(told).toEqual(source);
    expect(await backend.getMetadata("folder/\u00fc +?.bin")).toEqual(copied);
    expect(Buffer.compare(await backend.get("folder/\u00fc +?.bin"), bytes)).toBe(0);
  });

  test("its attributes can be replaced, also on the way onto itself", async () => {
    const { backend } = bucket;
    await backend.copy("from.bin", "other", { replace: { contentType: "text/plain", metadata: { a: "1" } } });
    await backend.copy("other", "other", { replace: { contentType: "text/html" } });
    const { contentType, metadata, size } = await backend.getMetadata("other");
    expect([contentType, metadata, size]).toEqual(["text/html", {}, bytes.length]);
    expect(Buffer.compare(await backend.get("other"), bytes)).toBe(0);
  });

  test("one that fails in its middle leaves no upload, and no target", async () => {
    const { backend } = bucket;
    proxy.plan(
      { kind: "answer", status: 403, body: "<Error><Code>AccessDenied</Code></Error>" },
      { match: ({ headers }) => /=5242880-/.test(headers["x-amz-copy-source-range"] ?? "") },
    );
    await expect(backend.copy("from.bin", "half")).rejects.toMatchObject({ code: "PermissionDenied" });
    expect(await uploads()).toBe(0);
    expect(await backend.exists("half")).toBe(false);
  });

  test("a source that is replaced meanwhile is copied as it is then, never half and half", async () => {
    const { backend } = bucket;
    await backend.put("changing", bytes);
    const later = bytes.map((byte) => 255 - byte);
    const copying = backend.copy("changing", "copied");
    await backend.put("changing", later);
    await copying;
    const copied = await backend.get("copied");
    const wholes = [bytes, later].filter((whole) => Buffer.compare(whole, copied) === 0);
    expect(wholes).toHaveLength(1);
    expect(await uploads()).toBe(0);
  });
}

describe.skipIf(!available("minio"))("copies in parts on MinIO", () => copies("minio"));
describe.skipIf(!available("radosgw"))("copies in parts on radosgw", () => copies("radosgw"));
