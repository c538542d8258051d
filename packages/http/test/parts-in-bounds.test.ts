import { join } from "node:path";
import { MemoryBackend } from "@storage/memory";
import { describe, expect, test } from "vitest";
import { available } from "../../../scripts/requirements.ts";
import { mountedDisk } from "../../local/test/mounted-disk.ts";
import { bodyOf, complete, mebibyte, partSize, partsOf, send, sendAll } from "./parts-client.ts";
import { key, ServedFolder } from "./parts-server.ts";
import { folder, site } from "./site.ts";

const full = { status: 507, json: { error: "QuotaExceeded" } };

describe("where there is no room", () => {
  test("in memory a part is refused, and what is there stays", async () => {
    const { backend } = await site({}, (options) => new MemoryBackend({ ...options, maxBytes: partSize }));
    const parts = await partsOf(backend, { size: partSize + 5 }, key);
    expect((await send(parts.urls[1] ?? "", "PUT", "12345")).status).toBe(200);
    expect(await send(parts.urls[0] ?? "", "PUT", new Uint8Array(partSize))).toMatchObject(full);
    expect((await send(parts.abortUrl, "DELETE")).status).toBe(204);
    expect((await send(parts.urls[1] ?? "", "PUT", "12345")).status).toBe(404);
  });

  test("in memory the end is refused, and taken when there is some", async () => {
    const maxBytes = 2 * partSize + 1000;
    const { backend } = await site({}, (options) => new MemoryBackend({ ...options, maxBytes }));
    await backend.put("in the way", new Uint8Array(mebibyte));
    const parts = await partsOf(backend, { size: partSize }, key);
    const etags = await sendAll(parts, bodyOf(partSize));
    for (let turn = 0; turn < 2; turn++) expect(await complete(parts, etags)).toMatchObject(full);
    expect(await backend.listKeys()).toEqual(["in the way"]);
    await backend.delete("in the way");
    expect((await complete(parts, etags)).status).toBe(201);
    expect(await backend.get(key)).toEqual(bodyOf(partSize));
  });

  test.skipIf(!available("tmpfs"))("on a disk the end is refused, and taken when there is some", async () => {
    const disk = await mountedDisk(join(folder(), "disk"), "size=14m");
    const served = new ServedFolder(join(disk.path, "base"));
    const server = await served.serve();
    const given = await partsOf(served.backend, { size: partSize + 5 }, key);
    const { urls, completeUrl } = given;
    const parts = { ...given, urls: urls.map(server.at), completeUrl: server.at(completeUrl) };
    const etags = await sendAll(parts, bodyOf(partSize + 5));
    for (let turn = 0; turn < 2; turn++) expect(await complete(parts, etags)).toMatchObject(full);
    expect(await served.backend.listKeys()).toEqual([]);
    await disk.remount("size=40m");
    expect((await complete(parts, etags)).status).toBe(201);
    expect((await served.backend.getMetadata(key)).size).toBe(partSize + 5);
  });
});

test("a large upload needs no memory for its size", async () => {
  const folder = new ServedFolder();
  const server = await folder.serve();
  const largest = async (): Promise<number> =>
    Number(await (await fetch(server.at("http://localhost:8000/largest"))).text());
  const part = bodyOf(partSize);
  const upload = async (count: number): Promise<number> => {
    const parts = await partsOf(folder.backend, { size: count * partSize }, key);
    const etags: string[] = [];
    for (const url of parts.urls) etags.push((await send(server.at(url), "PUT", part)).etag);
    return (await complete({ ...parts, completeUrl: server.at(parts.completeUrl) }, etags)).status;
  };
  expect(await upload(1)).toBe(201);
  const before = await largest();
  expect(await upload(32)).toBe(201);
  expect((await largest()) - before).toBeLessThan(96 * 1024);
  expect((await folder.backend.getMetadata(key)).size).toBe(256 * mebibyte);
});
