import type { Fault } from "@storage/testing/faults";
import { describe, expect, test } from "vitest";
import { available } from "../../../../scripts/requirements.ts";
import type { S3ServiceName as ServerName } from "../../../../scripts/s3-service.ts";
import { brokenBucket, bytesOf, errorOf, seen } from "./broken-bucket.ts";

const large = bytesOf(2 ** 20);
const small = bytesOf(1000);
/** Milliseconds, where what is waited for never comes. All else that a server does takes less, on a busy machine too. */
const timeouts = { headers: 1500, idle: 1500 };

const midway: Readonly<Record<string, Fault>> = {
  "a reset": { kind: "reset", at: { bytes: 300_000 } },
  "a FIN": { kind: "end", at: { bytes: 300_000 } },
  "a stall": { kind: "stall", at: { bytes: 300_000 } },
  "a body that is shorter than its Content-Length": { kind: "truncate", bytes: 700_000 },
};

const early: Readonly<Record<string, Fault>> = {
  "a reset before the head": { kind: "reset", at: "head" },
  "a FIN before the head": { kind: "end", at: "head" },
  "no answer at all": { kind: "stall", at: "head" },
  "a reset in a small body": { kind: "reset", at: { bytes: 400 } },
  "a FIN in a small body": { kind: "end", at: { bytes: 400 } },
  "a stall in a small body": { kind: "stall", at: { bytes: 400 } },
  "a small body that is shorter than its Content-Length": { kind: "truncate", bytes: 1 },
  "bytes that are no HTTP": { kind: "garbage" },
};

function survivesBrokenReads(server: ServerName): void {
  test.each(Object.entries(midway))(
    "%s in mid-body: the rest is asked for, of the same object",
    async (_, fault) => {
      const { direct, backend, proxy } = await brokenBucket(
        server,
        fault.kind === "stall" ? { timeouts } : {},
      );
      const { etag } = await direct.put("key", large);
      proxy.plan(fault);
      expect(Buffer.compare(await backend.get("key"), large)).toBe(0);
      expect(proxy.requests).toHaveLength(2);
      const { range, "if-match": ifMatch } = proxy.requests[1]?.headers ?? {};
      // A reset overtakes bytes that were sent before it.
      const [, from = "", to] = /^bytes=(\d+)-(\d*)$/.exec(range ?? "") ?? [];
      expect(Number(from)).toBeLessThanOrEqual(large.length - 700_000 + 2 ** 16);
      expect(to).toBe(String(large.length - 1));
      expect(ifMatch).toBe(`"${etag}"`);
    },
  );

  test.each(Object.entries(early))("%s: the same once more", async (_, fault) => {
    const { direct, backend, proxy } = await brokenBucket(server, fault.kind === "stall" ? { timeouts } : {});
    await direct.put("key", small);
    proxy.plan(fault);
    expect(Buffer.compare(await backend.get("key"), small)).toBe(0);
    expect(seen(proxy)).toEqual(["GET", "GET"]);
  });

  test("an object that is another one after the break is an error", async () => {
    const { direct, backend, proxy } = await brokenBucket(server);
    await direct.put("key", large);
    proxy.plan({ kind: "end", at: { bytes: 300_000 } });
    const object = await backend.open("key");
    await direct.put("key", large.toReversed());
    expect(await errorOf(object.bytes())).toMatchObject({ code: "Integrity", retryable: false });
    expect(proxy.requests.map(({ status }) => status)).toEqual([200, 412]);
  });

  test("a range that breaks off goes on to its own end", async () => {
    const { direct, backend, proxy } = await brokenBucket(server);
    await direct.put("key", large);
    proxy.plan({ kind: "end", at: { bytes: 100_000 } });
    const range = { start: 1000, end: 500_000 };
    const part = await backend.get("key", { range });
    expect(Buffer.compare(part, large.subarray(range.start, range.end))).toBe(0);
    expect(seen(proxy)).toEqual(["GET bytes=1000-499999", "GET bytes=101000-499999"]);
  });
}

describe.skipIf(!available("minio"))("reads that break, minio", () => {
  survivesBrokenReads("minio");

  test("a service that breaks off every time is Unavailable", async () => {
    const { direct, backend, proxy } = await brokenBucket("minio", { maxAttempts: 3 });
    await direct.put("key", large);
    proxy.plan({ kind: "end", at: { bytes: 1000 } }, { times: Number.POSITIVE_INFINITY });
    const error = await errorOf(backend.get("key"));
    expect(error).toMatchObject({ code: "Unavailable", retryable: true, outcome: "not-applied", key: "key" });
    expect(proxy.requests).toHaveLength(3);
  });

  test("a service that never answers is a TimeoutError, and has been asked maxAttempts times", async () => {
    const { direct, backend, proxy } = await brokenBucket("minio", { timeouts, maxAttempts: 2 });
    await direct.put("key", large);
    proxy.plan({ kind: "stall", at: "head" }, { times: Number.POSITIVE_INFINITY });
    const error = await errorOf(backend.get("key"));
    expect(error).toMatchObject({ code: "Timeout", retryable: true, outcome: "not-applied" });
    expect(seen(proxy)).toEqual(["GET", "GET"]);
  });

  test("a body that stalls every time is a TimeoutError", async () => {
    const { direct, backend, proxy } = await brokenBucket("minio", { timeouts, maxAttempts: 2 });
    await direct.put("key", large);
    proxy.plan({ kind: "stall", at: { bytes: 1000 } }, { times: Number.POSITIVE_INFINITY });
    expect(await errorOf(backend.get("key"))).toMatchObject({ code: "Timeout", retryable: true });
    expect(seen(proxy)).toEqual(["GET", `GET bytes=1000-${large.length - 1}`]);
  });

  test("a body that comes slowly is waited for, as long as it comes", async () => {
    const { direct, backend, proxy } = await brokenBucket("minio");
    await direct.put("key", large);
    proxy.plan({ kind: "drip", bytes: 100_000, every: 20 });
    expect(Buffer.compare(await backend.get("key"), large)).toBe(0);
    expect(seen(proxy)).toEqual(["GET"]);
  });
});

describe.skipIf(!available("radosgw"))("reads that break, radosgw", () => survivesBrokenReads("radosgw"));
