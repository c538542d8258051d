import { describe, expect, it } from "vitest";
import * as aws from "./aws.ts";
import { codeOf, expectAllMet, oddChunks, plainClient, shapedBucket, twoParts } from "./shaped-bucket.ts";

const { rules, moments } = aws;

describe("AWS S3", () => {
  it("a clock that is wrong is set by the service's, once", async () => {
    const { server, open } = await shapedBucket("aws", rules, 3_600_000);
    const backend = open();
    await backend.put("key", "x");
    expect(await backend.listKeys()).toEqual(["key"]);
    expect(server.seen.map(({ status }) => status)).toEqual([403, 200, 200]);
    const link = await fetch(await backend.getUrl("key"));
    expect(await link.text()).toBe("x");
  });

  it("a clock that stays wrong is named", async () => {
    const { server, open } = await shapedBucket("aws");
    server.strike({ ...aws.clock, answers: () => aws.tooSkewed() }, Number.POSITIVE_INFINITY);
    await expect(open().put("key", "x")).rejects.toMatchObject({
      code: "Unauthenticated",
      message: expect.stringContaining("clock"),
    });
    expect(server.seen.length).toBe(2);
  });

  it("an archived object has metadata, and is Archived when it is read", async () => {
    const { open } = await shapedBucket("aws", rules);
    await open().put("key", "x", { s3: { storageClass: "GLACIER" } });
    expect(await open().getMetadata("key")).toMatchObject({ size: 1 });
    await expect(open().get("key")).rejects.toMatchObject({
      code: "Archived",
      message: expect.stringContaining("restore"),
      retryable: false,
    });
    await open().put("warm", "x");
    expect((await open().get("warm")).length).toBe(1);
  });

  it("no ACL is sent unless it is asked for", async () => {
    const { server, open } = await shapedBucket("aws", rules);
    await open().put("key", "x");
    await open().put("large", oddChunks(twoParts));
    await open().copy("key", "copied");
    expect(server.store.objects.size).toBe(3);
    await expect(open().put("key", "y", { s3: { acl: "public-read" } })).rejects.toMatchObject({
      code: "InvalidArgument",
      outcome: "not-applied",
      message: expect.stringContaining("AccessControlListNotSupported"),
    });
  });

  it("an upload in parts promises no checksum that its parts do not bring", async () => {
    const { server, open } = await shapedBucket("aws", rules);
    await open().put("key", oddChunks(twoParts));
    expect(server.store.objects.get("key")?.bytes.length).toBe(twoParts);

    const client = await plainClient(open());
    const sdk = await import("@aws-sdk/client-s3");
    const about = { Bucket: "shapes", Key: "promised" };
    const begin = new sdk.CreateMultipartUploadCommand({ ...about, ChecksumAlgorithm: "CRC32" });
    const { UploadId } = await client.send(begin);
    const part = new sdk.UploadPartCommand({ ...about, UploadId, PartNumber: 1, Body: "x" });
    expect(await codeOf(client.send(part))).toBe("InvalidRequest");
  });

  it("1,001 keys are deleted by two requests", async () => {
    const { server, open } = await shapedBucket("aws", rules);
    const keys = Array.from({ length: 1001 }, (_, at) => `key-${at}`);
    expect(await open().deleteMany(keys)).toMatchObject({ deleted: keys, failed: [] });
    expect(server.operations).toEqual(["DeleteObjects", "DeleteObjects"]);

    const { DeleteObjectsCommand } = await import("@aws-sdk/client-s3");
    const Objects = keys.map((Key) => ({ Key }));
    const atOnce = new DeleteObjectsCommand({ Bucket: "shapes", Delete: { Objects } });
    expect(await codeOf((await open().client()).send(atOnce))).toBe("MalformedXML");
  });

  it("a condition on an object that is not there fails, and is no missing file", async () => {
    const { open } = await shapedBucket("aws", rules);
    await expect(open().put("key", "x", { ifMatch: "etag" })).rejects.toMatchObject({
      code: "PreconditionFailed",
      outcome: "not-applied",
    });
  });

  it("a key that may be missing or hidden is neither missing nor there", async () => {
    const { server, open } = await shapedBucket("aws", rules);
    server.strike(aws.hiddenAbsence, Number.POSITIVE_INFINITY);
    const hidden = { code: "PermissionDenied", message: expect.stringContaining("s3:ListBucket") };
    await expect(open().get("key")).rejects.toMatchObject(hidden);
    await expect(open().exists("key")).rejects.toMatchObject(hidden);
    expect(await open().delete("key")).toBe(true);
    expect(server.operations.at(-1)).toBe("DeleteObject");
  });

  it("a conditional put that met another one is sent again", async () => {
    const { server, open } = await shapedBucket("aws", rules);
    server.strike(aws.conflict, 1);
    await open().put("key", "x", { ifNoneMatch: "*" });
    expect(server.seen.map(({ status }) => status)).toEqual([409, 200]);
    server.strike(aws.conflict, Number.POSITIVE_INFINITY);
    await expect(open({ maxAttempts: 2 }).put("new", "x", { ifNoneMatch: "*" })).rejects.toMatchObject({
      code: "Unavailable",
      outcome: "not-applied",
      retryable: true,
    });
    expect(server.store.objects.has("new")).toBe(false);
  });

  it("a conditional put in parts that met another one leaves nothing", async () => {
    const { server, open } = await shapedBucket("aws", rules);
    server.strike(aws.conflictOfParts, Number.POSITIVE_INFINITY);
    const put = open({ maxAttempts: 2 }).put("key", oddChunks(twoParts), { ifNoneMatch: "*" });
    await expect(put).rejects.toMatchObject({ code: "Unavailable", outcome: "not-applied" });
    expect(server.store.objects.size).toBe(0);
    expect(server.store.uploads.size).toBe(0);
  });

  it("an error inside of 200 OK is an error, and is tried again", async () => {
    const { server, open } = await shapedBucket("aws", rules);
    await open().put("key", "x");
    server.strike(aws.lateError, 1);
    await open().copy("key", "copied");
    server.strike(aws.lateError, 1);
    await open().put("large", oddChunks(twoParts));
    expect(server.store.objects.size).toBe(3);
    server.strike(aws.lateError, 2);
    const failed = { code: "Unavailable", retryable: true, outcome: "unknown" };
    await expect(open({ maxAttempts: 1 }).copy("key", "lost")).rejects.toMatchObject(failed);
    await expect(open({ maxAttempts: 1 }).put("lost", oddChunks(twoParts))).rejects.toMatchObject(failed);
    expect(server.store.objects.has("lost")).toBe(false);
  });

  it("what DeleteObjects could not delete is told key by key", async () => {
    const { server, open } = await shapedBucket("aws", rules);
    server.strike(aws.failedKeys, 1);
    const { deleted, failed } = await open().deleteMany(["denied", "broken", "missing"]);
    expect(deleted).toEqual(["missing"]);
    expect(failed).toMatchObject([
      { key: "denied", error: { code: "PermissionDenied" } },
      { key: "broken", error: { code: "Unavailable", retryable: true } },
    ]);
  });

  it("what is too fast is tried again, and then named", async () => {
    const { server, open } = await shapedBucket("aws", rules);
    server.strike(aws.slowDown, 3);
    await open().put("key", "x");
    server.strike(aws.slowDown, 1);
    await expect(open({ maxAttempts: 1 }).listKeys()).rejects.toMatchObject({ code: "RateLimited" });
  });

  it.each([
    [aws.expiredToken, "Unauthenticated", /expired/],
    [aws.tooLarge, "TooLarge", /larger/],
    [aws.noBucket, "BucketNotFound", /bucket does not exist/],
    [aws.missingKmsKey, "InvalidArgument", /KMS\.NotFoundException/],
  ])("$name is named, and not tried again", async (quirk, code, message) => {
    const { server, open } = await shapedBucket("aws", rules);
    server.strike(quirk, 1);
    await expect(open({ sessionToken: "token" }).put("key", "x")).rejects.toMatchObject({
      code,
      retryable: false,
      outcome: "not-applied",
      requestId: expect.stringMatching(/^SHAPE/),
      message: expect.stringMatching(message),
    });
    expect(server.seen.length).toBe(1);
  });

  it("has no quirk that these tests do not meet", () => expectAllMet([...rules, ...moments]));
});
