import { storageError } from "@storage/core";
import { MemoryBackend } from "@storage/memory";
import { expect, test, vi } from "vitest";
import { serveFiles, toFetchHandler } from "../src/index.ts";
import { pattern, secret } from "./site.ts";

function files() {
  const backend = new MemoryBackend({ secret, baseUrl: "https://example.com/files" });
  return { backend, handle: toFetchHandler(serveFiles(backend)) };
}

test("a Request in, a Response out", async () => {
  const { backend, handle } = files();
  const upload = await backend.getUploadUrl("π/a ?#.bin", { size: 100_000 });
  const put = { method: upload.method, headers: upload.headers, body: pattern(100_000) };
  expect((await handle(new Request(upload.url, put))).status).toBe(201);
  const link = await backend.getUrl("π/a ?#.bin");
  const response = await handle(new Request(link));
  expect(response.status).toBe(200);
  expect(await response.bytes()).toEqual(pattern(100_000));
  const part = await handle(new Request(link, { headers: { range: "bytes=1-2" } }));
  expect([part.status, await part.bytes()]).toEqual([206, pattern(3).subarray(1)]);
  const head = await handle(new Request(link, { method: "HEAD" }));
  expect([head.status, head.headers.get("content-length"), head.body]).toEqual([200, "100000", null]);
  const etag = response.headers.get("etag") ?? "";
  const same = await handle(new Request(link, { headers: { "if-none-match": etag } }));
  expect([same.status, same.body]).toEqual([304, null]);
  expect((await handle(new Request("https://example.com/files/x"))).status).toBe(403);
  expect((await handle(new Request(link, { method: "OPTIONS" }))).status).toBe(204);
});

test("a body that is dropped frees what it holds", async () => {
  const { backend, handle } = files();
  await backend.put("a.bin", pattern(200_000));
  const object = await backend.open("a.bin");
  vi.spyOn(backend, "open").mockResolvedValue(object);
  const response = await handle(new Request(await backend.getUrl("a.bin")));
  const reader = response.body?.getReader();
  await reader?.read();
  await reader?.cancel();
  await backend.close({ timeout: 60_000 }); // would wait for a body that is still open
});

test("a body that ends before its announced length is refused", async () => {
  const { backend, handle } = files();
  const upload = await backend.getUploadUrl("a.bin");
  const headers = { ...upload.headers, "content-length": "10" };
  const request = new Request(upload.url, {
    method: "PUT",
    headers,
    body: new Blob(["12345"]).stream(),
    duplex: "half",
  } as RequestInit);
  expect((await handle(request)).status).toBe(400);
  expect(await backend.listKeys()).toEqual([]);
});

test("a signal that aborts ends an upload, and nothing is stored", async () => {
  const { backend, handle } = files();
  const upload = await backend.getUploadUrl("a.bin");
  const client = new AbortController();
  const body = new ReadableStream({ start: (controller) => controller.enqueue(pattern(1000)) });
  const request = new Request(upload.url, {
    method: "PUT",
    headers: upload.headers,
    body,
    signal: client.signal,
    duplex: "half",
  } as RequestInit);
  const answer = handle(request);
  client.abort();
  expect((await answer).status).toBe(500);
  expect(await backend.listKeys()).toEqual([]);
});

test("a storage that asks for patience has its wish handed on", async () => {
  const { backend, handle } = files();
  await backend.put("a.txt", "hello");
  const link = await backend.getUrl("a.txt");
  vi.spyOn(backend, "open").mockRejectedValue(storageError("RateLimited", "slow down", { retryAfter: 1.5 }));
  const response = await handle(new Request(link));
  expect([response.status, response.headers.get("retry-after")]).toEqual([429, "2"]);
});
