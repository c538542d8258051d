import { describe, expect, it } from "vitest";
import { moments, noTomes, rules, slowDown } from "./b2.ts";
import {
  codeOf,
  expectAllMet,
  oddChunks,
  plainClient,
  putByClient,
  shapedBucket,
  statusOfForm,
  twoParts,
} from "./shaped-bucket.ts";

describe("Backblaze B2", () => {
  it("no checksum header is sent with uploads and reads, which B2 would refuse", async () => {
    const { server, open } = await shapedBucket("b2", rules);
    await open().put("small", "x");
    await open().put("large", oddChunks(twoParts));
    expect((await open().get("large")).length).toBe(twoParts);
    await open().copy("small", "copied");
    expect(server.store.objects.size).toBe(3);

    expect(await putByClient(open())).toBe("");
    expect(await putByClient(open({ service: "aws" }))).toBe("InvalidArgument");
    const { GetObjectCommand } = await import("@aws-sdk/client-s3");
    const read = new GetObjectCommand({ Bucket: "shapes", Key: "small" });
    expect(await codeOf((await open().client()).send(read))).toBe("");
    expect(await codeOf((await open({ service: "aws" }).client()).send(read))).toBe("InvalidArgument");
  });

  it("many objects are deleted with Content-MD5 and without CRC32", async () => {
    const { server, open } = await shapedBucket("b2", rules);
    await open().put("a", "x");
    await open().put("b", "x");
    expect(await open().deleteMany(["a", "b"])).toEqual({ deleted: ["a", "b"], failed: [] });
    expect(server.store.objects.size).toBe(0);
  });

  it("a plain SDK's DeleteObjects is refused", async () => {
    const { open } = await shapedBucket("b2", rules);
    const { DeleteObjectsCommand } = await import("@aws-sdk/client-s3");
    const plain = await plainClient(open());
    const input = { Bucket: "shapes", Delete: { Objects: [{ Key: "a" }] } };
    expect(await codeOf(plain.send(new DeleteObjectsCommand(input)))).toBe("InvalidRequest");
  });

  it("a condition is refused before anything is sent, which B2 would refuse after the body", async () => {
    const { server, open } = await shapedBucket("b2", rules);
    for (const condition of [{ ifNoneMatch: "*" }, { ifMatch: "etag" }] as const)
      await expect(open().put("key", "x", condition)).rejects.toMatchObject({ code: "NotSupported" });
    expect(server.seen).toEqual([]);

    const trusting = open({ features: { createOnly: true } });
    await expect(trusting.put("key", "x", { ifNoneMatch: "*" })).rejects.toMatchObject({
      code: "NotSupported",
      requestId: expect.any(String),
    });
    expect(server.store.objects.size).toBe(0);
  });

  it("no tag and no ACL is sent unless they are asked for", async () => {
    const { server, open } = await shapedBucket("b2", rules);
    await open().put("key", "x", { metadata: { a: "b" } });
    await open().put("key", "x", { s3: { acl: "private" } });
    for (const s3 of [{ tagging: { a: "b" } }, { acl: "public-read" }] as const)
      await expect(open().put("key", "y", { s3 })).rejects.toMatchObject({
        code: "InvalidArgument",
        outcome: "not-applied",
        message: expect.stringContaining("InvalidArgument"),
      });
    expect(server.store.objects.get("key")?.bytes.toString()).toBe("x");
  });

  it("a form is not signed, which B2 would not take", async () => {
    const { open } = await shapedBucket("b2", rules);
    const asked = { method: "POST" } as const;
    await expect(open().getUploadUrl("key", asked)).rejects.toMatchObject({ code: "NotSupported" });
    const trusting = open({ features: { uploadForms: true } });
    expect(await statusOfForm(await trusting.getUploadUrl("key", asked))).toBe(501);
  });

  it("a saturated server is asked again, part by part", async () => {
    const { server, open } = await shapedBucket("b2", rules);
    server.strike(noTomes, 2);
    await open().put("small", "x");
    expect(server.operations).toEqual(["PutObject", "PutObject", "PutObject"]);
    server.strike(noTomes, 2);
    await open().put("large", oddChunks(twoParts));
    expect(server.store.objects.get("large")?.bytes.length).toBe(twoParts);
    server.strike(noTomes, 1);
    await expect(open({ maxAttempts: 1 }).put("small", "y")).rejects.toMatchObject({
      code: "Unavailable",
      retryable: true,
    });
  });

  it("a service that is asked too often is given the time that it wants", async () => {
    const { server, open } = await shapedBucket("b2", rules);
    server.strike(slowDown, 1);
    const started = performance.now();
    await open().put("key", "x");
    expect(performance.now() - started).toBeGreaterThan(950);
    server.strike(slowDown, 1);
    await expect(open({ maxAttempts: 1 }).put("key", "x")).rejects.toMatchObject({
      code: "RateLimited",
      retryAfter: 1,
      outcome: "not-applied",
    });
  });

  it("has no quirk that these tests do not meet", () => expectAllMet([...rules, ...moments]));
});
