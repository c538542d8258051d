import type { AnswerFault } from "@storage/testing/faults";
import { describe, expect, test } from "vitest";
import { available } from "../../../../scripts/requirements.ts";
import { brokenBucket, bytesOf, cannedService, errorDocument, errorOf, isOf, seen } from "./broken-bucket.ts";

const always = { times: Number.POSITIVE_INFINITY };
const large = { partSize: 5 * 2 ** 20, copyThreshold: 5 * 2 ** 20 };
const whole = bytesOf(6 * 2 ** 20);
const stream = (): ReadableStream<Uint8Array> => new Blob([whole]).stream();

/** AWS begins some answers with 200 before it knows how they end. */
const inSuccess = (code: string, more: Partial<AnswerFault> = {}): AnswerFault => ({
  kind: "answer",
  status: 200,
  headers: { "content-type": "application/xml" },
  body: errorDocument(code),
  ...more,
});

describe.skipIf(!available("minio"))("an error in the body of a 200", () => {
  test("of a copy is no success: it is made again", async () => {
    const { direct, backend, proxy } = await brokenBucket("minio");
    await direct.put("from", "text");
    proxy.plan(inSuccess("InternalError"), { match: isOf("PUT"), times: 2 });
    const { etag } = await backend.copy("from", "to");
    expect(seen(proxy).filter((request) => request === "PUT")).toHaveLength(3);
    expect((await direct.getMetadata("to")).etag).toBe(etag);
  });

  test.each([
    ["InternalError", "Unavailable", "unknown", 2],
    ["SlowDown", "RateLimited", "not-applied", 2],
    ["AccessDenied", "PermissionDenied", "not-applied", 1],
  ] as const)("of a copy, every time: %s is %s", async (name, code, outcome, requests) => {
    const { direct, backend, proxy } = await brokenBucket("minio", { maxAttempts: 2 });
    await direct.put("from", "text");
    proxy.plan(inSuccess(name), { match: isOf("PUT"), ...always });
    expect(await errorOf(backend.copy("from", "to"))).toMatchObject({ code, outcome });
    expect(seen(proxy).filter((request) => request === "PUT")).toHaveLength(requests);
    expect(await direct.exists("to")).toBe(false);
  });

  test("of a part that is copied: that part is sent again", async () => {
    const { direct, backend, proxy } = await brokenBucket("minio", large);
    await direct.put("from", whole);
    proxy.plan(inSuccess("InternalError"), { match: isOf("PUT", "partNumber=1"), times: 2 });
    await backend.copy("from", "to");
    expect(seen(proxy).filter((request) => request === "PUT partNumber")).toHaveLength(4);
    expect(Buffer.compare(await direct.get("to"), whole)).toBe(0);
  });

  test("of a part that is copied, every time: the upload is aborted", async () => {
    const { direct, backend, proxy } = await brokenBucket("minio", { ...large, maxAttempts: 2 });
    await direct.put("from", whole);
    proxy.plan(inSuccess("InternalError"), { match: isOf("PUT", "partNumber=1"), ...always });
    expect(await errorOf(backend.copy("from", "to"))).toMatchObject({ code: "Unavailable", retryable: true });
    expect(seen(proxy).at(-1)).toBe("DELETE uploadId");
    expect(await direct.exists("to")).toBe(false);
    expect(await direct.sweep({ olderThan: 0 })).toEqual({ removed: 0 });
  });

  test("of the end of an upload: it is ended again", async () => {
    const { direct, backend, proxy } = await brokenBucket("minio", large);
    proxy.plan(inSuccess("InternalError"), { match: isOf("POST", "uploadId"), times: 2 });
    const { etag } = await backend.put("key", stream());
    expect(seen(proxy).slice(-3)).toEqual(["POST uploadId", "POST uploadId", "POST uploadId"]);
    expect((await direct.getMetadata("key")).etag).toBe(etag);
  });

  test("of the end of an upload that took effect all the same: it is ours", async () => {
    const { direct, backend, proxy } = await brokenBucket("minio", large);
    const match = isOf("POST", "uploadId");
    proxy.plan(inSuccess("InternalError", { passOn: true }), { match });
    const { etag } = await backend.put("key", stream(), { ifNoneMatch: "*" });
    expect((await direct.getMetadata("key")).etag).toBe(etag);
    expect(Buffer.compare(await direct.get("key"), whole)).toBe(0);
  });

  test("of the end of an upload, every time: nothing is stored, the upload is aborted", async () => {
    const { direct, backend, proxy } = await brokenBucket("minio", { ...large, maxAttempts: 2 });
    proxy.plan(inSuccess("InternalError"), { match: isOf("POST", "uploadId"), ...always });
    const error = await errorOf(backend.put("key", stream()));
    expect(error).toMatchObject({ code: "Unavailable", retryable: true, outcome: "unknown" });
    expect(seen(proxy).slice(-3)).toEqual(["POST uploadId", "POST uploadId", "DELETE uploadId"]);
    expect(await direct.exists("key")).toBe(false);
    expect(await direct.sweep({ olderThan: 0 })).toEqual({ removed: 0 });
  });
});

describe.skipIf(!available("minio"))("a 200 whose body is no S3's", () => {
  const page = { headers: { "content-type": "text/html" }, body: "<html><body>Please log in</body></html>" };
  const portal: AnswerFault = { kind: "answer", status: 200, ...page };

  test.each(["text", "<html><body>Please log in</body></html>", ""])(
    "%j: no put has succeeded",
    async (body) => {
      const { direct, backend, proxy } = await brokenBucket("minio", { maxAttempts: 2 });
      proxy.plan({ ...portal, body }, always);
      expect(await errorOf(backend.put("key", "text"))).toMatchObject({
        code: "Unavailable",
        outcome: "unknown",
      });
      expect(seen(proxy)).toEqual(["PUT", "PUT"]);
      expect(await direct.exists("key")).toBe(false);
    },
  );

  test.each(["text", "<html><body>Please log in</body></html>", ""])("%j: nothing was read", async (body) => {
    const { backend, proxy } = await cannedService({ maxAttempts: 2 });
    proxy.plan({ ...portal, body }, always);
    for (const call of [() => backend.get("key"), () => backend.open("key"), () => backend.exists("key")])
      expect(await errorOf(call())).toMatchObject({ code: "Unavailable", outcome: "not-applied" });
    expect(seen(proxy)).toEqual(["GET", "GET", "GET", "GET", "HEAD", "HEAD"]);
  });

  test("a body whose length nobody says is none that could be known to be whole", async () => {
    const { backend, proxy } = await cannedService({ maxAttempts: 2 });
    const head = `HTTP/1.1 200 OK\r\nETag: "e"\r\nLast-Modified: ${new Date(0).toUTCString()}`;
    const bytes = Buffer.from(`${head}\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ntext\r\n0\r\n\r\n`);
    proxy.plan({ kind: "garbage", bytes }, always);
    const error = await errorOf(backend.get("key"));
    expect(error).toMatchObject({ code: "Unavailable", outcome: "not-applied" });
    expect(String(error)).toContain("no length");
  });

  test.each(["text", "<html><body>Please log in</body></html>", ""])(
    "%j: no upload has ended",
    async (body) => {
      const { direct, backend, proxy } = await brokenBucket("minio", { ...large, maxAttempts: 2 });
      await direct.put("key", "old");
      proxy.plan({ ...portal, body }, { match: isOf("POST", "uploadId"), ...always });
      expect(await errorOf(backend.put("key", stream()))).toMatchObject({
        code: "Unavailable",
        outcome: "unknown",
      });
      expect(await (await direct.open("key")).text()).toBe("old");
      expect(await direct.sweep({ olderThan: 0 })).toEqual({ removed: 0 });
    },
  );

  test.each(["text", "<html><body>Please log in</body></html>", ""])(
    "%j: nothing was copied",
    async (body) => {
      const { direct, backend, proxy } = await brokenBucket("minio", { maxAttempts: 2 });
      await direct.put("from", "text");
      await direct.put("to", "old");
      proxy.plan({ ...portal, body }, { match: isOf("PUT"), ...always });
      expect(await errorOf(backend.copy("from", "to"))).toMatchObject({
        code: "Unavailable",
        outcome: "unknown",
      });
      expect(await (await direct.open("to")).text()).toBe("old");
    },
  );

  test.each(["text", "<html><body>Please log in</body></html>", ""])(
    "%j: no part was copied",
    async (body) => {
      const { direct, backend, proxy } = await brokenBucket("minio", { ...large, maxAttempts: 2 });
      await direct.put("from", whole);
      proxy.plan({ ...portal, body }, { match: isOf("PUT", "partNumber"), ...always });
      expect(await errorOf(backend.copy("from", "to"))).toMatchObject({ code: "Unavailable" });
      expect(seen(proxy)).not.toContain("POST uploadId");
      expect(await direct.exists("to")).toBe(false);
    },
  );

  test.each(["text", "<html><body>Please log in</body></html>", ""])(
    "%j: nothing was deleted",
    async (body) => {
      const { direct, backend, proxy } = await brokenBucket("minio", { maxAttempts: 2 });
      await direct.put("a", "text");
      await direct.put("b", "text");
      proxy.plan({ ...portal, body }, always);
      const { deleted, failed } = await backend.deleteMany(["a", "b"]).catch((error: unknown) => ({
        deleted: [],
        failed: [{ key: "", error }],
      }));
      expect(deleted).toEqual([]);
      expect(failed[0]?.error).toMatchObject({ code: "Unavailable" });
    },
  );
});
