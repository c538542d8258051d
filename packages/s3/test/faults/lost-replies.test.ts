import type { Fault } from "@storage/testing/faults";
import { describe, expect, test } from "vitest";
import { available } from "../../../../scripts/requirements.ts";
import type { S3ServiceName as ServerName } from "../../../../scripts/s3-service.ts";
import { brokenBucket, bytesOf, cannedService, errorDocument, errorOf, isOf, seen } from "./broken-bucket.ts";

const lost: Fault = { kind: "lost-reply" };
const always = { times: Number.POSITIVE_INFINITY };
const mine = "what I wrote";
const theirs = "what somebody else wrote";

function survivesLostReplies(server: ServerName): void {
  test("to a plain put: it is sent again, and stored", async () => {
    const { direct, backend, proxy } = await brokenBucket(server);
    proxy.plan(lost);
    const { etag } = await backend.put("key", mine);
    expect(seen(proxy)).toEqual(["PUT", "PUT"]);
    expect(await (await direct.open("key")).text()).toBe(mine);
    expect(etag).toBe((await direct.getMetadata("key")).etag);
  });

  test("to a plain put, every time: nobody knows, and it says so", async () => {
    const { direct, backend, proxy } = await brokenBucket(server, { maxAttempts: 2 });
    proxy.plan(lost, always);
    const error = await errorOf(backend.put("key", mine));
    expect(error).toMatchObject({ code: "Unavailable", retryable: true, outcome: "unknown", key: "key" });
    expect(seen(proxy)).toEqual(["PUT", "PUT"]);
    expect(await direct.exists("key")).toBe(true);
  });

  test("to a plain put, and then a refusal: it may be stored, and is", async () => {
    const { direct, backend, proxy } = await brokenBucket(server, { maxAttempts: 2 });
    proxy.plan(lost);
    proxy.plan({ kind: "answer", status: 503, body: errorDocument("SlowDown") });
    const error = await errorOf(backend.put("key", mine));
    expect(error).toMatchObject({ code: "RateLimited", outcome: "unknown" });
    expect(await (await direct.open("key")).text()).toBe(mine);
  });

  test("to a create-only put: the 412 to the second is about the first", async () => {
    const { direct, backend, proxy } = await brokenBucket(server);
    proxy.plan(lost);
    const { etag } = await backend.put("key", mine, { ifNoneMatch: "*", metadata: { a: "b" } });
    expect(seen(proxy)).toEqual(["PUT", "PUT", "HEAD"]);
    expect(proxy.requests.map(({ status }) => status)).toEqual([undefined, 412, 200]);
    const found = await direct.open("key");
    expect(found).toMatchObject({ etag, metadata: { a: "b" } });
    expect(await found.text()).toBe(mine);
  });

  test("to a create-only put that came too late: it is somebody else's", async () => {
    const { direct, backend, proxy } = await brokenBucket(server);
    await direct.put("key", theirs, { ifNoneMatch: "*" });
    proxy.plan(lost);
    const error = await errorOf(backend.put("key", mine, { ifNoneMatch: "*" }));
    expect(error).toMatchObject({ code: "PreconditionFailed", retryable: false, outcome: "not-applied" });
    expect(seen(proxy)).toEqual(["PUT", "PUT", "HEAD"]);
    expect(await (await direct.open("key")).text()).toBe(theirs);
  });

  test("to a compare-and-swap: one HEAD tells that it was ours", async () => {
    const { direct, backend, proxy } = await brokenBucket(server);
    const old = await direct.put("key", theirs);
    proxy.plan(lost);
    const { etag } = await backend.put("key", mine, { ifMatch: old.etag });
    expect(seen(proxy)).toEqual(["PUT", "PUT", "HEAD"]);
    expect(etag).toBe((await direct.getMetadata("key")).etag);
    expect(await (await direct.open("key")).text()).toBe(mine);
  });

  test("to a compare-and-swap that lost: nothing is stored", async () => {
    const { direct, backend, proxy } = await brokenBucket(server);
    const old = await direct.put("key", "first");
    await direct.put("key", theirs, { ifMatch: old.etag });
    proxy.plan(lost);
    const error = await errorOf(backend.put("key", mine, { ifMatch: old.etag }));
    expect(error).toMatchObject({ code: "PreconditionFailed", outcome: "not-applied" });
    expect(await (await direct.open("key")).text()).toBe(theirs);
  });

  test("to the end of an upload in parts: settled by what is stored", async () => {
    const { direct, backend, proxy } = await brokenBucket(server, { partSize: 5 * 2 ** 20 });
    const whole = bytesOf(6 * 2 ** 20);
    proxy.plan(lost, { match: isOf("POST", "uploadId") });
    const { etag, size } = await backend.put("key", new Blob([whole]).stream());
    expect(await direct.getMetadata("key")).toMatchObject({ etag, size });
    expect(Buffer.compare(await direct.get("key"), whole)).toBe(0);
    const ends = seen(proxy).slice(seen(proxy).indexOf("POST uploadId"));
    // Some answer the second as they did the first; others have forgotten the upload.
    expect(["POST uploadId,POST uploadId", "POST uploadId,POST uploadId,HEAD"]).toContain(ends.join());
  });

  test("to a copy: it is made again", async () => {
    const { direct, backend, proxy } = await brokenBucket(server);
    await direct.put("from", mine);
    proxy.plan(lost, { match: isOf("PUT") });
    const { etag } = await backend.copy("from", "to");
    expect(seen(proxy).filter((request) => request === "PUT")).toHaveLength(2);
    expect(await direct.getMetadata("to")).toMatchObject({ etag, size: mine.length });
  });

  test("to a delete: the answer is about what it found the first time", async () => {
    const { direct, backend, proxy } = await brokenBucket(server);
    await direct.put("key", mine);
    proxy.plan(lost, { match: isOf("DELETE") });
    expect(await backend.delete("key")).toBe(true);
    expect(seen(proxy)).toEqual(["HEAD", "DELETE", "DELETE"]);
    expect(await direct.exists("key")).toBe(false);
  });
}

describe.skipIf(!available("minio"))("lost replies, minio", () => {
  survivesLostReplies("minio");

  const large = { partSize: 5 * 2 ** 20, copyThreshold: 5 * 2 ** 20 };
  const whole = bytesOf(6 * 2 ** 20);

  test("to the end of a create-only upload in parts: it is ours", async () => {
    const { direct, backend, proxy } = await brokenBucket("minio", large);
    proxy.plan(lost, { match: isOf("POST", "uploadId") });
    const { etag } = await backend.put("key", new Blob([whole]).stream(), { ifNoneMatch: "*" });
    expect((await direct.getMetadata("key")).etag).toBe(etag);
    expect(Buffer.compare(await direct.get("key"), whole)).toBe(0);
  });

  test("to the end of a create-only upload in parts that came too late: it is theirs", async () => {
    const { direct, backend, proxy } = await brokenBucket("minio", large);
    await direct.put("key", theirs);
    proxy.plan(lost, { match: isOf("POST", "uploadId") });
    const error = await errorOf(backend.put("key", new Blob([whole]).stream(), { ifNoneMatch: "*" }));
    expect(error).toMatchObject({ code: "PreconditionFailed", outcome: "not-applied" });
    expect(seen(proxy)).toContain("DELETE uploadId");
    expect(await (await direct.open("key")).text()).toBe(theirs);
    expect(await direct.sweep({ olderThan: 0 })).toEqual({ removed: 0 });
  });

  test("to the end of a compare-and-swap in parts: it is ours", async () => {
    const { direct, backend, proxy } = await brokenBucket("minio", large);
    const old = await direct.put("key", theirs);
    proxy.plan(lost, { match: isOf("POST", "uploadId") });
    const { etag } = await backend.put("key", new Blob([whole]).stream(), { ifMatch: old.etag });
    expect((await direct.getMetadata("key")).etag).toBe(etag);
    expect(Buffer.compare(await direct.get("key"), whole)).toBe(0);
  });

  test("to the end of an upload in parts, every time: nobody knows, and it says so", async () => {
    const { direct, backend, proxy } = await brokenBucket("minio", { ...large, maxAttempts: 2 });
    proxy.plan(lost, { match: isOf("POST", "uploadId"), ...always });
    const error = await errorOf(backend.put("key", new Blob([whole]).stream()));
    expect(error).toMatchObject({ code: "Unavailable", retryable: true, outcome: "unknown" });
    expect(await direct.exists("key")).toBe(true);
    expect(await direct.sweep({ olderThan: 0 })).toEqual({ removed: 0 });
  });

  test("to a part, and to the end of a copy in parts", async () => {
    const { direct, backend, proxy } = await brokenBucket("minio", large);
    await direct.put("from", whole);
    proxy.plan(lost, { match: isOf("PUT", "partNumber=1") });
    proxy.plan(lost, { match: isOf("POST", "uploadId") });
    const { etag } = await backend.copy("from", "to");
    expect((await direct.getMetadata("to")).etag).toBe(etag);
    expect(Buffer.compare(await direct.get("to"), whole)).toBe(0);
    expect(await direct.sweep({ olderThan: 0 })).toEqual({ removed: 0 });
  });
});

describe.skipIf(!available("radosgw"))("lost replies, radosgw", () => survivesLostReplies("radosgw"));

describe("a service that says that there is nothing to delete", () => {
  const facts = { etag: '"e"', "last-modified": new Date(0).toUTCString() };
  const none: Fault = { kind: "answer", status: 404, body: errorDocument("NoSuchKey") };

  test("after a HEAD that found something: somebody else deleted it", async () => {
    const { backend, proxy } = await cannedService();
    proxy.plan({ kind: "answer", status: 200, headers: facts });
    proxy.plan(none, { match: isOf("DELETE") });
    expect(await backend.delete("key")).toBe(false);
    expect(seen(proxy)).toEqual(["HEAD", "DELETE"]);
  });

  test("after a reply that was lost: we did", async () => {
    const { backend, proxy } = await cannedService();
    proxy.plan({ kind: "answer", status: 200, headers: facts });
    proxy.plan({ kind: "reset", at: "head" }, { match: isOf("DELETE") });
    proxy.plan(none, { match: isOf("DELETE") });
    expect(await backend.delete("key")).toBe(true);
    expect(seen(proxy)).toEqual(["HEAD", "DELETE", "DELETE"]);
  });
});

test("a create-only copy whose reply was lost is not sent again: nobody could tell whose the target is", async () => {
  const { backend, proxy } = await cannedService({
    features: { keyAndPrefix: "kept", copyCreateOnly: true },
  });
  proxy.plan({
    kind: "answer",
    status: 200,
    headers: { etag: '"e"', "last-modified": new Date(0).toUTCString() },
  });
  proxy.plan({ kind: "reset", at: "head" }, { match: isOf("PUT") });
  const error = await errorOf(backend.copy("from", "to", { ifNoneMatch: "*" }));
  expect(error).toMatchObject({ code: "Unavailable", outcome: "unknown", key: "from", target: "to" });
  expect(seen(proxy)).toEqual(["HEAD", "PUT"]);
});
