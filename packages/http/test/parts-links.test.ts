import type { SignedParts, StorageBackend } from "@storage/core";
import { withPrefix } from "@storage/core";
import { MemoryBackend } from "@storage/memory";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { documentOf, partsOf, send, sendAll } from "./parts-client.ts";
import { secret, site } from "./site.ts";

const size = 8 * 2 ** 20 + 5;
const key = "films/a.bin";

/** Each kind of link, and the request that it is for. */
const kinds = [
  ["a part's", "PUT", (parts: SignedParts) => parts.urls[1] ?? ""],
  ["the end's", "POST", (parts: SignedParts) => parts.completeUrl],
  ["the abort's", "DELETE", (parts: SignedParts) => parts.abortUrl],
] as const;

let backend: StorageBackend;
let parts: SignedParts;
let etags: readonly string[];

/** An upload of which all parts are there, so that nothing but the link can be in the way. */
beforeEach(async () => {
  ({ backend } = await site());
  parts = await partsOf(backend, { size, metadata: { who: "Ada" } }, key);
  etags = await sendAll(parts, new Uint8Array(size));
});

const bodyFor = (method: string): BodyInit | undefined => ({ PUT: "12345", POST: documentOf(etags) })[method];

async function isRefused(url: string, method: string): Promise<void> {
  const { status, json } = await send(url, method, bodyFor(method));
  expect([url, method, status, json.error]).toEqual([url, method, 403, "PermissionDenied"]);
}

/** All parts are there as they were, and nothing is stored. */
async function isUntouched(): Promise<void> {
  expect(await backend.listKeys()).toEqual([]);
  const { status } = await send(parts.completeUrl, "POST", documentOf(etags));
  expect(status).toBe(201);
}

describe.each(kinds)("%s link", (_, own, urlOf) => {
  test("is for its own method and purpose alone", async () => {
    for (const method of ["GET", "PUT", "POST", "DELETE", "PATCH"])
      if (method !== own) await isRefused(urlOf(parts), method);
    expect((await send(urlOf(parts), "HEAD")).status).toBe(403);
    await isUntouched();
  });

  test("is refused when any of its parameters is changed, left out, or taken from another link", async () => {
    const [path = "", query = ""] = urlOf(parts).split("?");
    const names = [...new URLSearchParams(query).keys()];
    for (const name of names) {
      const changed = new URLSearchParams(query);
      const value = changed.get(name) ?? "";
      changed.set(name, value.slice(0, -2) + (value.endsWith("1") ? "2" : "1"));
      await isRefused(`${path}?${changed}`, own);
      changed.delete(name);
      await isRefused(`${path}?${changed}`, own);
    }
    for (const other of [...kinds.map(([, , of]) => of(parts)), parts.urls[0] ?? ""]) {
      for (const [name, value] of new URL(other).searchParams) {
        const mixed = new URLSearchParams(query);
        if (mixed.get(name) === value) continue;
        mixed.set(name, value);
        await isRefused(`${path}?${mixed}`, own);
      }
    }
    await isUntouched();
  });

  test("is refused for another key and for another upload of the same", async () => {
    await isRefused(urlOf(parts).replace("a.bin", "b.bin"), own);
    const other = await partsOf(backend, { size }, key);
    const otherId = new URL(other.abortUrl).searchParams.get("uploadId") ?? "";
    const forged = new URL(urlOf(parts));
    expect(otherId).not.toBe(forged.searchParams.get("uploadId"));
    forged.searchParams.set("uploadId", otherId);
    await isRefused(forged.href, own);
    await isUntouched();
  });

  test("is refused by another backend of the same secret, and by a tenant of another prefix", async () => {
    const { port } = new URL(parts.abortUrl);
    const elsewhere = new MemoryBackend({ secret, baseUrl: `http://127.0.0.1:${port}/files` });
    const foreign = await partsOf(elsewhere, { size }, key);
    await isRefused(urlOf(foreign), own);
    const tenant = await partsOf(withPrefix(backend, "tenant-1/"), { size }, key);
    await isRefused(urlOf(tenant).replace("tenant-1", "tenant-2"), own);
    await isUntouched();
  });

  test("is refused after its time", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 3_601_000 });
    await isRefused(urlOf(parts), own);
    vi.useRealTimers();
    await isUntouched();
  });
});

test("the links of a gibibyte are 128, and short", async () => {
  const { urls, partSize } = await partsOf(
    backend,
    { size: 2 ** 30, metadata: { of: "x".repeat(2000) } },
    key,
  );
  expect([urls.length, partSize]).toEqual([128, 8 * 2 ** 20]);
  for (const url of urls) expect(url.length).toBeLessThan(200);
});

test("the parts of a large upload grow, so that there are no more than a thousand", async () => {
  const { urls, partSize } = await partsOf(backend, { size: 2 ** 40 + 1 }, key);
  expect(urls.length).toBe(1000);
  expect(partSize * 999).toBeLessThan(2 ** 40);
  expect(partSize * 1000).toBeGreaterThan(2 ** 40);
});

test("an upload in parts takes its size", async () => {
  await expect(backend.getUploadUrl(key, { parts: true })).rejects.toMatchObject({ code: "InvalidArgument" });
});
