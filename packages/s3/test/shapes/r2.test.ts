import type { S3PutOptions } from "@storage/s3";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import {
  entityTooLarge,
  invalidObjectName,
  lockedByRule,
  moments,
  rules,
  tooManyRequests,
  unauthorized,
} from "./r2.ts";
import {
  codeOf,
  expectAllMet,
  oddChunks,
  putByClient,
  shapedBucket,
  statusOfForm,
  twoParts,
} from "./shaped-bucket.ts";

const mebibyte = 2 ** 20;
/** Larger than the 5 MiB that a part has to have: who sends on what has gathered sends parts of all sizes in between. */
const partSize = 6 * mebibyte;
const threeParts = 13 * mebibyte;

describe("Cloudflare R2", () => {
  it("a stream of odd chunks goes up in parts of one size", async () => {
    const { server, open } = await shapedBucket("r2", rules);
    await open({ partSize }).put("key", oddChunks(threeParts));
    expect(server.store.objects.get("key")?.bytes.length).toBe(threeParts);

    const client = await open().client();
    const sdk = await import("@aws-sdk/client-s3");
    const about = { Bucket: "shapes", Key: "uneven" };
    const { UploadId } = await client.send(new sdk.CreateMultipartUploadCommand(about));
    const Parts = [];
    for (const [at, size] of [5, 6, 1].entries()) {
      const Body = new Uint8Array(size * mebibyte);
      const part = { ...about, UploadId, PartNumber: at + 1, Body };
      const { ETag } = await client.send(new sdk.UploadPartCommand(part));
      Parts.push({ PartNumber: at + 1, ETag });
    }
    const complete = { ...about, UploadId, MultipartUpload: { Parts } };
    expect(await codeOf(client.send(new sdk.CompleteMultipartUploadCommand(complete)))).toBe("InvalidPart");
  });

  it("no checksum header is sent, which R2 would refuse", async () => {
    const { server, open } = await shapedBucket("r2", rules);
    await open().put("small", "x");
    await open().put("large", oddChunks(twoParts));
    expect(server.store.objects.size).toBe(2);

    expect(await putByClient(open())).toBe("");
    expect(await putByClient(open({ service: "aws" }))).toBe("NotImplemented");
  });

  it("a body goes up without signed chunks and trailers", async () => {
    const { server, open } = await shapedBucket("r2", rules);
    await open().put("streamed", oddChunks(100));
    expect(server.store.objects.size).toBe(1);

    // The SDK warns that it can't send a stream twice.
    const warn = vi.spyOn(console, "warn").mockReturnValue();
    onTestFinished(() => warn.mockRestore());
    const client = await open({ service: "aws" }).client();
    const { PutObjectCommand } = await import("@aws-sdk/client-s3");
    const { Readable } = await import("node:stream");
    const input = { Bucket: "shapes", Key: "k", Body: Readable.from([Buffer.from("x")]), ContentLength: 1 };
    expect(await codeOf(client.send(new PutObjectCommand(input)))).toBe("NotImplemented");
    expect(server.seen.at(-1)?.request.headers["x-amz-content-sha256"]).toMatch(/^STREAMING-/);
  });

  it("nothing is sent that R2 has not, and who asks for it is told", async () => {
    const { server, open } = await shapedBucket("r2", rules);
    await open().put("key", "x", { contentType: "text/plain", cacheControl: "no-cache" });
    const asked: S3PutOptions[] = [
      { acl: "private" },
      { tagging: { a: "b" } },
      { serverSideEncryption: "aws:kms" },
      { objectLockLegalHold: true },
    ];
    for (const s3 of asked)
      await expect(open().put("key", "y", { s3 })).rejects.toMatchObject({
        code: "NotSupported",
        outcome: "not-applied",
      });
    expect(server.store.objects.get("key")?.bytes.toString()).toBe("x");
  });

  it("a form is not signed, which R2 would not take", async () => {
    const { open } = await shapedBucket("r2", rules);
    const asked = { method: "POST" } as const;
    await expect(open().getUploadUrl("key", asked)).rejects.toMatchObject({ code: "NotSupported" });
    const trusting = open({ features: { uploadForms: true } });
    expect(await statusOfForm(await trusting.getUploadUrl("key", asked))).toBe(501);
  });

  it("what is signed for the default region is taken, and another one is named", async () => {
    const { open } = await shapedBucket("r2", rules);
    await open().put("key", "x");
    await open({ region: "auto" }).put("key", "x");
    await expect(open({ region: "eu-west-1" }).put("key", "x")).rejects.toMatchObject({
      code: "Configuration",
      message: expect.stringContaining("region"),
    });
  });

  it("a condition goes with one request, also of a stream that is larger than a part", async () => {
    const { server, open } = await shapedBucket("r2", rules);
    const backend = open();
    const { etag } = await backend.put("key", "first", { ifNoneMatch: "*" });
    const taken = { code: "PreconditionFailed" };
    await expect(backend.put("key", "x", { ifNoneMatch: "*" })).rejects.toMatchObject(taken);
    await expect(backend.put("key", "x", { ifMatch: "another" })).rejects.toMatchObject(taken);
    await backend.put("key", "second", { ifMatch: etag });
    const large = backend.put("key", oddChunks(twoParts), { ifNoneMatch: "*" });
    await expect(large).rejects.toMatchObject(taken);
    expect(server.store.objects.get("key")?.bytes.toString()).toBe("second");
    expect(server.store.uploads.size).toBe(0);
    await backend.put("large", oddChunks(twoParts), { ifNoneMatch: "*" });
    expect(server.store.objects.get("large")?.bytes.length).toBe(twoParts);

    const trusting = open({ features: { conditionalParts: true } });
    await trusting.put("key", oddChunks(twoParts), { ifNoneMatch: "*" });
    expect(server.store.objects.get("key")?.bytes.length).toBe(twoParts);
  });

  it("a condition on the target of a copy is refused, which R2 would overlook", async () => {
    const { server, open } = await shapedBucket("r2", rules);
    const backend = open();
    await backend.put("from", "new");
    await backend.put("to", "old");
    const copied = backend.copy("from", "to", { ifNoneMatch: "*" });
    await expect(copied).rejects.toMatchObject({ code: "NotSupported" });
    expect(server.store.objects.get("to")?.bytes.toString()).toBe("old");

    await open({ features: { copyCreateOnly: true } }).copy("from", "to", { ifNoneMatch: "*" });
    expect(server.store.objects.get("to")?.bytes.toString()).toBe("new");
  });

  it("metadata comes back as it was, though R2 decodes and encodes it on its way", async () => {
    const { open } = await shapedBucket("r2", rules);
    const metadata = { plain: "text", umlaut: "grüezi", blanks: " at the ends ", word: "=?UTF-8?B?eA==?=" };
    await open().put("key", "x", { metadata });
    expect((await open().getMetadata("key")).metadata).toEqual(metadata);
  });

  it("too many writes of one key are tried again, and then named", async () => {
    const { server, open } = await shapedBucket("r2", rules);
    server.strike(tooManyRequests, 2);
    await open().put("key", "x");
    expect(server.seen.map(({ status }) => status)).toEqual([429, 429, 200]);
    server.strike(tooManyRequests, 1);
    await expect(open({ maxAttempts: 1 }).put("key", "x")).rejects.toMatchObject({
      code: "RateLimited",
      retryable: true,
      outcome: "not-applied",
    });
  });

  it.each([
    [unauthorized, "Unauthenticated", /accessKeyId/],
    [lockedByRule, "PermissionDenied", /ObjectLockedByBucketPolicy|lock/],
    [invalidObjectName, "InvalidKey", /key/],
    [entityTooLarge, "TooLarge", /larger/],
  ])("$name", async (quirk, code, message) => {
    const { server, open } = await shapedBucket("r2", rules);
    server.strike(quirk, 1);
    await expect(open().put("key", "x")).rejects.toMatchObject({
      code,
      outcome: "not-applied",
      retryable: false,
      message: expect.stringMatching(message),
    });
    expect(server.seen.length).toBe(1);
  });

  it("has no quirk that these tests do not meet", () => expectAllMet([...rules, ...moments]));
});
