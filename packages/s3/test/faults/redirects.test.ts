import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { S3Backend } from "@storage/s3";
import type { Fault } from "@storage/testing/faults";
import { describe, expect, onTestFinished, test } from "vitest";
import { cannedService, errorDocument, errorOf, everyCall } from "./broken-bucket.ts";

/** Another host, which counts what comes. */
async function otherHost(): Promise<{ url: string; requests: string[] }> {
  const requests: string[] = [];
  const server = createServer(({ method, headers }, response) => {
    requests.push(`${method} ${headers.authorization}`);
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { url: `http://localhost:${port}/bucket/key`, requests };
}

describe.each(Object.entries(everyCall))("%s, sent elsewhere", (_, call) => {
  test.each([301, 302, 307, 308] as const)(
    "by a %i with a location: nobody there sees the signature",
    async (status) => {
      const { backend, proxy } = await cannedService();
      const { url, requests } = await otherHost();
      proxy.plan({ kind: "redirect", status, location: url }, { times: Number.POSITIVE_INFINITY });
      expect(await errorOf(call(backend))).toMatchObject({ code: "Configuration", retryable: false });
      expect(requests).toEqual([]);
      expect(proxy.requests).toHaveLength(1);
    },
  );

  const toFrankfurt = { "x-amz-bucket-region": "eu-central-1" };
  const answers: Readonly<Record<string, Fault>> = {
    "a header of a 301": { kind: "answer", status: 301, headers: toFrankfurt },
    "a header of a 307": { kind: "answer", status: 307, headers: toFrankfurt },
    "a header and a document": {
      kind: "answer",
      status: 301,
      headers: { ...toFrankfurt, "content-type": "application/xml" },
      body: errorDocument("PermanentRedirect", "<Endpoint>s3.eu-central-1.amazonaws.com</Endpoint>"),
    },
  };

  test.each(Object.entries(answers))("the error names the region that %s tells", async (_, answer) => {
    const { backend, proxy } = await cannedService();
    proxy.plan(answer, { times: Number.POSITIVE_INFINITY });
    const error = await errorOf(call(backend));
    expect(error).toMatchObject({ code: "Configuration", outcome: "not-applied" });
    expect(String(error)).toContain("eu-central-1");
    expect(proxy.requests).toHaveLength(1);
  });
});

test.each([
  ["get", (backend: S3Backend) => backend.get("key")],
  ["put", (backend: S3Backend) => backend.put("key", "text")],
  ["listKeys", (backend: S3Backend) => backend.listKeys()],
])("%s: the error names the region that a 400 tells", async (_, call) => {
  const { backend, proxy } = await cannedService();
  const body = errorDocument("AuthorizationHeaderMalformed", "<Region>eu-west-3</Region>");
  proxy.plan({ kind: "answer", status: 400, headers: { "content-type": "application/xml" }, body });
  const error = await errorOf(call(backend));
  expect(error).toMatchObject({ code: "Configuration" });
  expect(String(error)).toContain("eu-west-3");
});

test("a 400 to a HEAD, which has no document, names the region of its header", async () => {
  const { backend, proxy } = await cannedService();
  const headers = { "x-amz-bucket-region": "eu-west-3" };
  proxy.plan({ kind: "answer", status: 400, headers });
  const error = await errorOf(backend.getMetadata("key"));
  expect(error).toMatchObject({ code: "Configuration" });
  expect(String(error)).toContain("eu-west-3");
});
