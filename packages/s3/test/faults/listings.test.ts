import type { S3Backend } from "@storage/s3";
import type { AnswerFault, Fault } from "@storage/testing/faults";
import { describe, expect, test } from "vitest";
import { available } from "../../../../scripts/requirements.ts";
import type { S3ServiceName as ServerName } from "../../../../scripts/s3-service.ts";
import { brokenBucket, cannedService, document, errorOf, seen } from "./broken-bucket.ts";

const always = { times: Number.POSITIVE_INFINITY };
const keys = Array.from({ length: 20 }, (_, index) => `key-${index + 10}`);

const entry = (key: string): string =>
  `<Contents><Key>${key}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>&quot;e&quot;</ETag><Size>1</Size></Contents>`;

const whole = document(
  "ListBucketResult",
  `<IsTruncated>false</IsTruncated><KeyCount>2</KeyCount>${entry("a")}${entry("b")}`,
);

const xml = (body: string): AnswerFault => ({
  kind: "answer",
  status: 200,
  headers: { "content-type": "application/xml" },
  body,
});

/** What a listing is not: each of them comes with the length that it says it has. */
const strange: Readonly<Record<string, AnswerFault>> = {
  "half a document, cut inside of an entry": xml(whole.slice(0, whole.indexOf("<Key>b") + 4)),
  "half a document, cut between two entries": xml(whole.slice(0, whole.indexOf(entry("b")))),
  "half a document, cut inside of a closing tag": xml(whole.slice(0, -8)),
  "a document without its end": xml(whole.replace("</ListBucketResult>", "")),
  "no document at all": xml(""),
  "a page of a portal": xml("<html><body>Please log in</body></html>"),
  "a page of a portal that is no XML": xml("<!doctype html><html><br><p>Please log in"),
  "plain text": xml("Please log in"),
  JSON: xml('{"entries":[]}'),
  bytes: { ...xml(""), body: new Uint8Array([0, 255, 254, 1, 2, 3]) },
  "the answer to something else": xml(document("LocationConstraint", "")),
};

describe.each(Object.entries(strange))("%s", (_, answer) => {
  const calls: Readonly<Record<string, (backend: S3Backend) => Promise<unknown>>> = {
    listKeys: (backend) => backend.listKeys(),
    listPage: (backend) => backend.listPage({ delimiter: "/" }),
    checkHealth: (backend) => backend.checkHealth(),
    sweep: (backend) => backend.sweep(),
  };

  test.each(Object.entries(calls))("is Unavailable for %s, and no empty listing", async (_, call) => {
    const { backend, proxy } = await cannedService({ maxAttempts: 2 });
    proxy.plan(answer, always);
    const error = await errorOf(call(backend));
    expect(error).toMatchObject({ code: "Unavailable", retryable: true, outcome: "not-applied" });
    expect(proxy.requests).toHaveLength(2);
  });
});

test("what is whole is listed", async () => {
  const { backend, proxy } = await cannedService();
  proxy.plan(xml(whole));
  expect(await backend.listKeys()).toEqual(["a", "b"]);
});

test("a service that repeats a page is not asked for ever", async () => {
  const { backend, proxy } = await cannedService({ maxAttempts: 2 });
  const more = "<IsTruncated>true</IsTruncated><NextContinuationToken>token</NextContinuationToken>";
  proxy.plan(xml(document("ListBucketResult", `<KeyCount>1</KeyCount>${more}${entry("a")}`)), always);
  expect(await errorOf(backend.listKeys())).toMatchObject({ code: "Unavailable" });
  expect(proxy.requests).toHaveLength(3);
});

test("a service that has more and does not say where is Unavailable", async () => {
  const { backend, proxy } = await cannedService({ maxAttempts: 2 });
  proxy.plan(xml(document("ListBucketResult", `<IsTruncated>true</IsTruncated>${entry("a")}`)), always);
  expect(await errorOf(backend.listKeys())).toMatchObject({ code: "Unavailable" });
  expect(proxy.requests).toHaveLength(2);
});

test.each(["<NextKeyMarker>a</NextKeyMarker><NextUploadIdMarker>b</NextUploadIdMarker>", ""])(
  "a service that repeats a page of its uploads is not asked for ever (%j)",
  async (markers) => {
    const { backend, proxy } = await cannedService({ maxAttempts: 2 });
    const content = `<IsTruncated>true</IsTruncated>${markers}`;
    proxy.plan(xml(document("ListMultipartUploadsResult", content)), always);
    expect(await errorOf(backend.sweep())).toMatchObject({ code: "Unavailable" });
    expect(proxy.requests.length).toBeLessThanOrEqual(3);
  },
);

function survivesBrokenListings(server: ServerName): void {
  const faults: Readonly<Record<string, Fault>> = {
    "a reset": { kind: "reset", at: { bytes: 900 } },
    "a FIN": { kind: "end", at: { bytes: 900 } },
    "a body that is shorter than its Content-Length": { kind: "truncate", bytes: 300 },
    garbage: { kind: "garbage" },
  };

  test.each(Object.entries(faults))("%s in a listing: the page is asked for again", async (_, fault) => {
    const { direct, backend, proxy } = await brokenBucket(server);
    await Promise.all(keys.map((key) => direct.put(key, key)));
    proxy.plan(fault);
    expect(await backend.listKeys()).toEqual(keys);
    expect(seen(proxy)).toEqual(["GET list-type", "GET list-type"]);
  });
}

describe.skipIf(!available("minio"))("minio", () => survivesBrokenListings("minio"));
describe.skipIf(!available("radosgw"))("radosgw", () => survivesBrokenListings("radosgw"));
