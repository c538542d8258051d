import { inspect } from "node:util";
import { S3Backend } from "@storage/s3";
import type { FaultProxy } from "@storage/testing/faults";
import { describe, expect, onTestFinished, test } from "vitest";
import { cannedService, document, errorDocument, errorOf, isOf, seen } from "./broken-bucket.ts";

const always = { times: Number.POSITIVE_INFINITY };
const hour = 3_600_000;
const emptyPage = document("ListBucketResult", "<KeyCount>0</KeyCount><IsTruncated>false</IsTruncated>");
const xml = { "content-type": "application/xml" };
const facts = { etag: '"e"', "last-modified": new Date(0).toUTCString() };

const calls: Readonly<Record<string, (backend: S3Backend) => Promise<unknown>>> = {
  get: (backend) => backend.get("key"),
  getMetadata: (backend) => backend.getMetadata("key"),
  put: (backend) => backend.put("key", "text"),
  listKeys: (backend) => backend.listKeys(),
};

/** An answer that is good for each of the calls. */
function planSuccess(proxy: FaultProxy): void {
  proxy.plan(
    { kind: "answer", status: 200, headers: xml, body: emptyPage },
    { match: isOf("GET", "list-type"), ...always },
  );
  proxy.plan({ kind: "answer", status: 200, headers: facts }, always);
}

const timeOf = (proxy: FaultProxy, nth: number): number => {
  const [, ...parts] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(proxy.requests[nth]?.headers["x-amz-date"] ?? "") ?? [];
  const [year = 0, month = 0, ...rest] = parts.map(Number);
  return Date.UTC(year, month - 1, ...(rest as [number, number, number, number]));
};

describe.each(Object.entries(calls))("%s, by a clock that is wrong", (name, call) => {
  const skewed = (date: Date) => ({
    kind: "answer" as const,
    status: 403,
    headers: { ...xml, date: date.toUTCString() },
    body: errorDocument("RequestTimeTooSkewed"),
  });

  test.each([-hour, hour])(
    "is sent once more by the service's, %i ms ahead, which is kept",
    async (ahead) => {
      const { backend, proxy } = await cannedService();
      proxy.plan(skewed(new Date(Date.now() + ahead)));
      planSuccess(proxy);
      await call(backend);
      expect(proxy.requests.map(({ status }) => status)).toEqual([403, 200]);
      expect(Math.abs(timeOf(proxy, 0) - Date.now())).toBeLessThan(hour / 4);
      expect(Math.abs(timeOf(proxy, 1) - Date.now() - ahead)).toBeLessThan(hour / 4);
      await Promise.all(Object.values(calls).map((other) => other(backend)));
      expect(proxy.requests).toHaveLength(6);
      for (const nth of [2, 3, 4, 5])
        expect(Math.abs(timeOf(proxy, nth) - Date.now() - ahead)).toBeLessThan(hour / 4);
    },
  );

  test("is Unauthenticated where the service does not like its own time either", async () => {
    const { backend, proxy } = await cannedService();
    proxy.plan(skewed(new Date(Date.now() + hour)), always);
    const code = name === "getMetadata" ? "PermissionDenied" : "Unauthenticated";
    expect(await errorOf(call(backend))).toMatchObject({ code, retryable: false, outcome: "not-applied" });
    expect(proxy.requests).toHaveLength(2);
  });
});

/** A backend over a client of the caller's, and how often its credentials were asked for. */
async function lentClient(): Promise<{ backend: S3Backend; proxy: FaultProxy; asked: () => number }> {
  const { proxy } = await cannedService();
  const { S3Client } = await import("@aws-sdk/client-s3");
  let asked = 0;
  const client = new S3Client({
    region: "us-east-1",
    endpoint: proxy.url,
    forcePathStyle: true,
    credentials: async () => {
      asked++;
      return { accessKeyId: `key${asked}`, secretAccessKey: "secret", sessionToken: `token${asked}` };
    },
  });
  const backend = new S3Backend({
    bucket: "bucket",
    client,
    service: "minio",
    features: { keyAndPrefix: "kept" },
  });
  onTestFinished(async () => {
    await backend.close();
    client.destroy();
  });
  return { backend, proxy, asked: () => asked };
}

describe.each(Object.entries(calls))("%s, with credentials that have expired", (name, call) => {
  const expired = { kind: "answer", status: 400, headers: xml, body: errorDocument("ExpiredToken") } as const;

  test("gets new ones, once", async () => {
    const { backend, proxy, asked } = await lentClient();
    proxy.plan(expired);
    planSuccess(proxy);
    await call(backend);
    expect(asked()).toBe(2);
    const tokens = proxy.requests.map(({ headers }) => headers["x-amz-security-token"]);
    expect(tokens).toEqual(["token1", "token2"]);
    await call(backend);
    expect(asked()).toBe(2);
  });

  test("is an error where the new ones have expired, too", async () => {
    const { backend, proxy, asked } = await lentClient();
    proxy.plan(expired, always);
    const code = name === "getMetadata" ? "InvalidArgument" : "Unauthenticated";
    expect(await errorOf(call(backend))).toMatchObject({ code, retryable: false, outcome: "not-applied" });
    expect(asked()).toBe(2);
    expect(proxy.requests).toHaveLength(2);
  });

  test("is an error at once where they stand in the options", async () => {
    const { backend, proxy } = await cannedService({ sessionToken: "token" });
    proxy.plan(expired, always);
    const code = name === "getMetadata" ? "InvalidArgument" : "Unauthenticated";
    expect(await errorOf(call(backend))).toMatchObject({ code });
    expect(proxy.requests).toHaveLength(1);
  });
});

test("many calls whose credentials have expired get new ones together", async () => {
  const { backend, proxy, asked } = await lentClient();
  planExpiry(proxy);
  await Promise.all(Array.from({ length: 20 }, () => backend.put("key", "text")));
  expect(asked()).toBeLessThanOrEqual(3);
});

function planExpiry(proxy: FaultProxy): void {
  const isOld = ({ headers }: { headers: Readonly<Record<string, string>> }): boolean =>
    headers["x-amz-security-token"] === "token1";
  const body = errorDocument("ExpiredToken");
  proxy.plan({ kind: "answer", status: 400, headers: xml, body }, { match: isOld, ...always });
  proxy.plan({ kind: "answer", status: 200, headers: facts }, always);
}

test("credentials that could not be had are asked for again by the next call", async () => {
  const { proxy } = await cannedService();
  planSuccess(proxy);
  const { S3Client } = await import("@aws-sdk/client-s3");
  let isDown = true;
  const unlessDown =
    <Value>(value: Value) =>
    async (): Promise<Value> => {
      if (isDown) throw new Error("the metadata service is down");
      return value;
    };
  const client = new S3Client({
    region: unlessDown("us-east-1"),
    endpoint: proxy.url,
    forcePathStyle: true,
    credentials: unlessDown({ accessKeyId: "key", secretAccessKey: "secret" }),
  });
  const backend = new S3Backend({ bucket: "bucket", client, maxAttempts: 1 });
  expect(await errorOf(backend.put("key", "text"))).toMatchObject({ outcome: expect.any(String) });
  isDown = false;
  await backend.put("key", "text");
  expect(seen(proxy)).toEqual(["PUT"]);
  await backend.close();
  client.destroy();
});

describe.each(Object.entries(calls))("%s, with a signature that is refused", (_, call) => {
  test("tells neither the signature nor what was signed", async () => {
    const { backend, proxy } = await cannedService({ sessionToken: "the-token" });
    const secrets =
      "<StringToSign>what-was-signed</StringToSign><SignatureProvided>the-signature</SignatureProvided>";
    const body = errorDocument("SignatureDoesNotMatch", secrets);
    proxy.plan({ kind: "answer", status: 403, headers: { ...xml, "x-amz-request-id": "id" }, body }, always);
    const error = await errorOf(call(backend));
    const signature = /Signature=(\w+)/.exec(proxy.requests[0]?.headers.authorization ?? "")?.[1];
    expect(signature).toMatch(/^[0-9a-f]{64}$/);
    const told = `${inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true })}${JSON.stringify(error)}`;
    for (const secret of [signature, "testsecret", "the-token", "what-was-signed", "the-signature"])
      expect(told).not.toContain(secret);
    expect(error).toMatchObject({ requestId: "id" });
  });
});
