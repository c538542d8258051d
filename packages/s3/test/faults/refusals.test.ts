import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { S3Backend } from "@storage/s3";
import type { AnswerFault } from "@storage/testing/faults";
import { describe, expect, onTestFinished, test } from "vitest";
import { available } from "../../../../scripts/requirements.ts";
import {
  brokenBucket,
  bytesOf,
  cannedPlace,
  cannedService,
  errorDocument,
  errorOf,
  seen,
} from "./broken-bucket.ts";

const always = { times: Number.POSITIVE_INFINITY };

const unavailable: AnswerFault = { kind: "answer", status: 503 };
const slowDown: AnswerFault = { kind: "answer", status: 503, body: errorDocument("SlowDown") };
const internal: AnswerFault = { kind: "answer", status: 500, body: errorDocument("InternalError") };
const tooMany: AnswerFault = { kind: "answer", status: 429 };
const requestTimeout: AnswerFault = { kind: "answer", status: 400, body: errorDocument("RequestTimeout") };

/** The last one is of a status that an answer to HEAD, which has no body, does not make clear. */
const clear = { unavailable, slowDown, internal, tooMany };
const refusals = { ...clear, requestTimeout };

describe.skipIf(!available("minio"))("refusals, minio", () => {
  test.each(Object.entries(clear))(
    "%s three times, then fine: each call is made four times",
    async (_, fault) => {
      const { direct, backend, proxy } = await brokenBucket("minio");
      const calls: readonly (() => Promise<unknown>)[] = [
        () => backend.put("key", "text"),
        () => backend.getMetadata("key"),
        () => backend.get("key"),
        () => backend.listKeys(),
        () => backend.checkHealth(),
      ];
      for (const call of calls) {
        const before = proxy.requests.length;
        proxy.plan(fault, { times: 3 });
        await call();
        const statuses = proxy.requests.slice(before).map(({ status }) => status);
        expect(statuses).toEqual([fault.status, fault.status, fault.status, 200]);
      }
      expect(await direct.listKeys()).toEqual(["key"]);
    },
  );

  test("one part that is refused is sent again, and no other", async () => {
    const { direct, backend, proxy } = await brokenBucket("minio", { partSize: 5 * 2 ** 20 });
    const whole = bytesOf(11 * 2 ** 20);
    proxy.plan(slowDown, { match: ({ path }) => path.includes("partNumber=2"), times: 2 });
    await backend.put("key", new Blob([whole]).stream());
    expect(seen(proxy).filter((request) => request === "PUT partNumber")).toHaveLength(5);
    expect(proxy.requests).toHaveLength(7);
    expect(Buffer.compare(await direct.get("key"), whole)).toBe(0);
  });

  test("a part that is refused for ever ends in the abort of its upload", async () => {
    const { direct, backend, proxy, options } = await brokenBucket("minio", { partSize: 5 * 2 ** 20 });
    proxy.plan(slowDown, { match: ({ path }) => path.includes("partNumber=2"), ...always });
    const error = await errorOf(backend.put("key", new Blob([bytesOf(11 * 2 ** 20)]).stream()));
    expect(error).toMatchObject({ code: "RateLimited", retryable: true, outcome: "not-applied" });
    expect(seen(proxy).filter((request) => request === "PUT partNumber").length).toBeGreaterThanOrEqual(5);
    expect(seen(proxy).at(-1)).toBe("DELETE uploadId");
    expect(await direct.exists("key")).toBe(false);
    const { ListMultipartUploadsCommand } = await import("@aws-sdk/client-s3");
    const client = await direct.client();
    const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: options.bucket }));
    expect(Uploads).toEqual([]);
  });
});

describe("refusals for ever", () => {
  test.each([
    ["unavailable", "Unavailable", "unknown"],
    ["slowDown", "RateLimited", "not-applied"],
    ["internal", "Unavailable", "unknown"],
    ["tooMany", "RateLimited", "not-applied"],
    ["requestTimeout", "Unavailable", "unknown"],
  ] as const)("%s: %s after maxAttempts", async (name, code, outcome) => {
    const { backend, proxy } = await cannedService({ maxAttempts: 2 });
    proxy.plan(refusals[name], always);
    expect(await errorOf(backend.put("key", "text"))).toMatchObject({ code, outcome, retryable: true });
    expect(seen(proxy)).toEqual(["PUT", "PUT"]);
    const ofRead = await errorOf(backend.get("key"));
    expect(ofRead).toMatchObject({ code, outcome: "not-applied", retryable: true });
    expect(await errorOf(backend.listKeys())).toMatchObject({ code, retryable: true });
    expect(proxy.requests).toHaveLength(6);
  });

  test.each([
    [403, "AccessDenied", "PermissionDenied"],
    [403, "InvalidAccessKeyId", "Unauthenticated"],
    [400, "InvalidRequest", "InvalidArgument"],
    [501, "NotImplemented", "NotSupported"],
    [507, "XMinioStorageFull", "QuotaExceeded"],
  ] as const)("%i %s is told at once", async (status, name, code) => {
    const { backend, proxy } = await cannedService();
    proxy.plan({ kind: "answer", status, body: errorDocument(name) }, always);
    const told = { code, retryable: false, outcome: "not-applied" };
    expect(await errorOf(backend.put("key", "text"))).toMatchObject(told);
    expect(await errorOf(backend.get("key"))).toMatchObject(told);
    expect(await errorOf(backend.listKeys())).toMatchObject(told);
    expect(proxy.requests).toHaveLength(3);
  });
});

/** When its requests came, in milliseconds: each is answered with a 503 that says when to come again. */
async function askingService(retryAfter: string): Promise<{ backend: S3Backend; times: number[] }> {
  const times: number[] = [];
  const server = createServer((request, response) => {
    times.push(performance.now());
    request.resume();
    response.writeHead(503, { "retry-after": retryAfter }).end(errorDocument("SlowDown"));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const backend = new S3Backend({ ...cannedPlace, endpoint: `http://127.0.0.1:${port}`, maxAttempts: 2 });
  onTestFinished(async () => {
    await backend.close();
    server.close();
  });
  return { backend, times };
}

describe("Retry-After", () => {
  test.each([
    ["a get", (backend: S3Backend) => backend.get("key")],
    ["a listing, which the SDK sends", (backend: S3Backend) => backend.listKeys()],
  ] as const)("%s waits as long as the service says, and tells it when it gives up", async (_, call) => {
    const { backend, times } = await askingService("1");
    expect(await errorOf(call(backend))).toMatchObject({ code: "RateLimited", retryAfter: 1 });
    const [first = 0, second = 0] = times;
    expect(times).toHaveLength(2);
    expect(second - first).toBeGreaterThanOrEqual(990);
  });

  test("an hour is not waited for: the caller is told", async () => {
    const { backend, times } = await askingService("3600");
    expect(await errorOf(backend.get("key"))).toMatchObject({ code: "RateLimited", retryAfter: 3600 });
    expect(times).toHaveLength(1);
  });

  test("a date is as good as seconds", async () => {
    const { backend } = await askingService(new Date(Date.now() + 3_600_000).toUTCString());
    const { code, retryAfter } = Object(await errorOf(backend.get("key")));
    expect([code, Math.abs(retryAfter - 3600) < 60]).toEqual(["RateLimited", true]);
  });

  test("a wait ends with the caller's signal", async () => {
    const { backend, times } = await askingService("30");
    const signal = AbortSignal.timeout(500);
    expect(await errorOf(backend.get("key", { signal }))).toMatchObject({
      code: "Timeout",
      retryable: false,
    });
    expect(times).toHaveLength(1);
  });
});
