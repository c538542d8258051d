import { describe, expect, it } from "vitest";
import {
  codeOf,
  expectAllMet,
  oddChunks,
  plainClient,
  putByClient,
  shapedBucket,
  twoParts,
} from "./shaped-bucket.ts";
import { moments, rules, slowDown } from "./spaces.ts";

describe("DigitalOcean Spaces", () => {
  it("uploads go without what SDKs of 2025 add to them", async () => {
    const { server, open } = await shapedBucket("spaces", rules);
    await open().put("small", "x");
    await open().put("large", oddChunks(twoParts));
    expect(server.store.objects.size).toBe(2);

    expect(await putByClient(open())).toBe("");
    expect(await putByClient(open({ service: "aws" }))).toBe("InvalidArgument");
  });

  it("many objects are deleted, and one by one where that is asked for", async () => {
    const { server, open } = await shapedBucket("spaces", rules);
    for (const key of ["a", "b", "c"]) await open().put(key, "x");
    await open({ features: { batchDelete: false } }).deleteMany(["c"]);
    expect(server.operations.at(-1)).toBe("DeleteObject");
    expect(await open().deleteMany(["a", "b"])).toEqual({ deleted: ["a", "b"], failed: [] });
    expect(server.operations.at(-1)).toBe("DeleteObjects");
  });

  it("a plain SDK's DeleteObjects is refused", async () => {
    const { open } = await shapedBucket("spaces", rules);
    const { DeleteObjectsCommand } = await import("@aws-sdk/client-s3");
    const plain = await plainClient(open());
    const input = { Bucket: "shapes", Delete: { Objects: [{ Key: "a" }] } };
    expect(await codeOf(plain.send(new DeleteObjectsCommand(input)))).toBe("InvalidRequest");
  });

  it("no encryption is asked for unless the caller does", async () => {
    const { server, open } = await shapedBucket("spaces", rules);
    await open().put("key", "x");
    await expect(open().put("key", "y", { s3: { serverSideEncryption: "aws:kms" } })).rejects.toMatchObject({
      code: "NotSupported",
      outcome: "not-applied",
    });
    expect(server.store.objects.get("key")?.bytes.toString()).toBe("x");
  });

  it("what is too fast is tried again, and then named", async () => {
    const { server, open } = await shapedBucket("spaces", rules);
    server.strike(slowDown, 2);
    await open().put("key", "x");
    expect(server.seen.map(({ status }) => status)).toEqual([503, 503, 200]);
    server.strike(slowDown, 1);
    await expect(open({ maxAttempts: 1 }).get("key")).rejects.toMatchObject({
      code: "RateLimited",
      retryable: true,
    });
  });

  it("has no quirk that these tests do not meet", () => expectAllMet([...rules, ...moments]));
});
