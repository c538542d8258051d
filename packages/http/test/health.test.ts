import { createServer } from "node:http";
import { storageError } from "@storage/core";
import { MemoryBackend } from "@storage/memory";
import { expect, test, vi } from "vitest";
import { health, toFetchHandler, toNodeHandler } from "../src/index.ts";
import { listening, raw } from "./site.ts";

const ask = (backend: MemoryBackend) => toFetchHandler(health(backend))(new Request("http://x/_ops/health"));

test("a backend that works is healthy", async () => {
  const response = await ask(new MemoryBackend());
  expect(response.status).toBe(200);
  expect(response.headers.get("cache-control")).toBe("no-store");
  expect(await response.text()).toBe(
    '{"status":"healthy","storage":{"backend":"MemoryBackend","status":"connected"}}',
  );
});

test("a backend that does not is unhealthy, and says why in one word", async () => {
  const backend = new MemoryBackend();
  const reason = storageError("PermissionDenied", "the key AKIA123 may not read the bucket");
  vi.spyOn(backend, "checkHealth").mockRejectedValue(reason);
  const response = await ask(backend);
  expect(response.status).toBe(503);
  expect(await response.text()).toBe(
    '{"status":"unhealthy","storage":{"backend":"MemoryBackend","status":"disconnected","error":"PermissionDenied"}}',
  );
});

test("a backend that was closed is unhealthy", async () => {
  const backend = new MemoryBackend();
  await backend.close();
  expect(await (await ask(backend)).json()).toMatchObject({ storage: { error: "Closed" } });
});

test("what is no StorageError is Unknown", async () => {
  const backend = new MemoryBackend();
  vi.spyOn(backend, "checkHealth").mockRejectedValue(new TypeError("secret"));
  expect(await (await ask(backend)).json()).toMatchObject({ storage: { error: "Unknown" } });
});

test("it answers through Node too", async () => {
  const server = createServer(toNodeHandler(health(new MemoryBackend())));
  const { status, headers, body } = await raw(`http://127.0.0.1:${await listening(server)}/`);
  expect([status, headers["content-type"]]).toEqual([200, "application/json"]);
  expect(headers["content-length"]).toBe(String(body.length));
});
