import { S3Backend } from "@storage/s3";
import type { AnswerFault } from "@storage/testing/faults";
import { describe, expect, test } from "vitest";
import { available } from "../../../../scripts/requirements.ts";
import type { S3ServiceName as ServerName } from "../../../../scripts/s3-service.ts";
import {
  brokenBucket,
  cannedService,
  errorDocument,
  errorOf,
  everyCall,
  isOf,
  seen,
} from "./broken-bucket.ts";

const calls: typeof everyCall = { ...everyCall, exists: (backend) => backend.exists("key") };

const always = { times: Number.POSITIVE_INFINITY };
const page: AnswerFault = {
  kind: "answer",
  status: 404,
  headers: { "content-type": "text/html" },
  body: "<html><body>Not Found</body></html>",
};

test.each(Object.entries(calls))(
  "%s, of a server that knows nothing: no object is missing",
  async (_, call) => {
    const { backend, proxy } = await cannedService();
    proxy.plan(page, always);
    expect(await errorOf(call(backend))).toMatchObject({ code: "BucketNotFound", retryable: false });
    expect(proxy.requests.length).toBeLessThanOrEqual(2);
  },
);

describe("a bare 404 to a HEAD", () => {
  const none: AnswerFault = { kind: "answer", status: 404 };
  const isOfBucket = ({ path }: { readonly path: string }): boolean => !path.includes("/key");

  test.each([
    [200, undefined, "FileNotFound", 2],
    [403, undefined, "FileNotFound", 2],
    [404, undefined, "BucketNotFound", 2],
    [503, "SlowDown", "RateLimited", 4],
  ] as const)("where the bucket is answered with %i", async (status, name, code, requests) => {
    const { backend, proxy } = await cannedService({ maxAttempts: 2 });
    const body = name && errorDocument(name);
    proxy.plan({ kind: "answer", status, body }, { match: isOfBucket, ...always });
    proxy.plan(none, always);
    const ofHead = status === 503 ? "Unavailable" : code;
    expect(await errorOf(backend.getMetadata("key"))).toMatchObject({ code: ofHead });
    expect(seen(proxy)).toEqual(Array.from({ length: requests }, () => "HEAD"));
  });

  test("takes no look at a bucket that something was found in", async () => {
    const { backend, proxy } = await cannedService();
    const headers = { etag: '"e"', "last-modified": new Date(0).toUTCString() };
    proxy.plan({ kind: "answer", status: 200, headers }, { match: isOf("PUT") });
    proxy.plan(none, { match: isOf("HEAD"), ...always });
    await backend.put("key", "text");
    expect(await backend.exists("key")).toBe(false);
    expect(seen(proxy)).toEqual(["PUT", "HEAD"]);
  });
});

function tellsWhatIsMissing(server: ServerName): void {
  test.each(Object.entries(calls))("%s, in a bucket that does not exist", async (_, call) => {
    const { options } = await brokenBucket(server);
    const backend = new S3Backend({ ...options, bucket: `none-${crypto.randomUUID()}` });
    expect(await errorOf(call(backend))).toMatchObject({ code: "BucketNotFound", retryable: false });
    await backend.close();
  });

  test("a missing object in a bucket that is there takes one more look, the first time only", async () => {
    const { backend, proxy } = await brokenBucket(server);
    for (const expected of [2, 3, 4]) {
      expect(await errorOf(backend.getMetadata("key"))).toMatchObject({ code: "FileNotFound" });
      expect(proxy.requests).toHaveLength(expected);
    }
  });
}

describe.skipIf(!available("minio"))("minio", () => tellsWhatIsMissing("minio"));
describe.skipIf(!available("radosgw"))("radosgw", () => tellsWhatIsMissing("radosgw"));
