import { gunzipSync, gzipSync } from "node:zlib";
import { type StorageBackend, withPrefix } from "@storage/core";
import { MemoryBackend } from "@storage/memory";
import { describe, expect, test, vi } from "vitest";
import { serveFiles, toFetchHandler } from "../src/index.ts";
import legalKeys from "./legal-keys.json" with { type: "json" };
import { backends, pattern, raw, secret, site } from "./site.ts";

describe("a link", () => {
  test("gives the bytes and what is known of them", async () => {
    const { backend } = await site();
    const { etag, lastModified } = await backend.put("notes/a.txt", "hello");
    const { status, headers, body } = await raw(await backend.getUrl("notes/a.txt", { expiresIn: 60 }));
    expect(status).toBe(200);
    expect(body.toString()).toBe("hello");
    expect(headers).toMatchObject({
      etag: `"${etag}"`,
      "last-modified": lastModified?.toUTCString(),
      "accept-ranges": "bytes",
      "content-type": "text/plain",
      "content-length": "5",
      "x-content-type-options": "nosniff",
      connection: "keep-alive",
    });
    expect(headers["content-security-policy"]).toMatch(/^sandbox; default-src 'none'/);
    expect(headers["content-disposition"]).toBeUndefined();
    expect(headers["content-encoding"]).toBeUndefined();
  });

  test("answers HEAD with the headers of GET and no body", async () => {
    const { backend } = await site();
    await backend.put("a.bin", pattern(70_000));
    const link = await backend.getUrl("a.bin", { cacheControl: "no-cache" });
    const [got, head] = [await raw(link), await raw(link, { method: "HEAD" })];
    const { date: _, ...expected } = got.headers;
    expect(head.status).toBe(200);
    expect(head.headers).toMatchObject(expected);
    expect(head.headers["content-length"]).toBe("70000");
    expect(head.body.length).toBe(0);
  });

  test("is read without opening the object by HEAD and by a condition that holds", async () => {
    const { backend } = await site();
    const { etag } = await backend.put("a.txt", "hello");
    const link = await backend.getUrl("a.txt");
    const open = vi.spyOn(backend, "open");
    await raw(link, { method: "HEAD" });
    await raw(link, { headers: { "if-none-match": `"${etag}"` } });
    expect(open).not.toHaveBeenCalled();
  });

  test("costs one call to the storage when there is no condition", async () => {
    const { backend } = await site();
    await backend.put("a.txt", "hello");
    const link = await backend.getUrl("a.txt");
    const getMetadata = vi.spyOn(backend, "getMetadata");
    await raw(link);
    await raw(link, { headers: { range: "bytes=0-1" } });
    expect(getMetadata).not.toHaveBeenCalled();
  });

  test("may be cached privately, and no longer than it lives", async () => {
    const { backend } = await site();
    await backend.put("a.txt", "hello", { cacheControl: "public, max-age=99999" });
    const { headers } = await raw(await backend.getUrl("a.txt", { expiresIn: 60 }));
    const [, seconds] = /^private, max-age=(\d+)$/.exec(headers["cache-control"] ?? "") ?? [];
    expect(Number(seconds)).toBeGreaterThanOrEqual(58);
    expect(Number(seconds)).toBeLessThanOrEqual(60);
  });

  test("sends what was signed for the response, exactly", async () => {
    const { backend } = await site();
    await backend.put("a.txt", "hello");
    const link = await backend.getUrl("a.txt", {
      contentType: "text/csv; charset=utf-8",
      cacheControl: "public, max-age=31536000, immutable",
      download: "Größe & Maß.csv",
    });
    const { headers } = await raw(link);
    expect(headers["content-type"]).toBe("text/csv; charset=utf-8");
    expect(headers["cache-control"]).toBe("public, max-age=31536000, immutable");
    expect(headers["content-disposition"]).toBe(
      `attachment; filename="Gr__e & Ma_.csv"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20&%20Ma%C3%9F.csv`,
    );
  });

  test("sends stored bytes with their encoding and does not inflate them", async () => {
    const { backend } = await site();
    const stored = gzipSync("hello ".repeat(1000));
    await backend.put("a.txt", stored, { contentEncoding: "gzip" });
    const link = await backend.getUrl("a.txt");
    const { headers, body } = await raw(link);
    expect(headers["content-encoding"]).toBe("gzip");
    expect(headers["content-length"]).toBe(String(stored.length));
    expect(body.equals(stored)).toBe(true);
    expect(gunzipSync(body).toString()).toBe("hello ".repeat(1000));
    expect(await (await fetch(link)).text()).toBe("hello ".repeat(1000));
  });

  test("gives an empty object", async () => {
    const { backend } = await site();
    await backend.put("empty", "");
    const { status, headers, body } = await raw(await backend.getUrl("empty"));
    expect([status, headers["content-length"], body.length]).toEqual([200, "0", 0]);
  });

  test("to a missing object is 404, without a word about the server", async () => {
    const { backend } = await site();
    const link = await backend.getUrl("gone.txt", { mustExist: false });
    const { status, headers, body } = await raw(link);
    expect(status).toBe(404);
    expect(headers["cache-control"]).toBe("no-store");
    expect(JSON.parse(body.toString())).toEqual({
      error: "FileNotFound",
      message: "There is no such file.",
    });
    expect((await raw(link, { method: "HEAD" })).status).toBe(404);
    expect(
      (await toFetchHandler(serveFiles(backend))(new Request(link, { method: "HEAD" }))).body,
    ).toBeNull();
    expect((await raw(link, { headers: { range: "bytes=-0" } })).status).toBe(404);
  });

  test("that fails tells a person in a browser in plain text", async () => {
    const { backend } = await site();
    const link = await backend.getUrl("gone.txt", { mustExist: false });
    const { headers, body } = await raw(link, { headers: { accept: "text/html,*/*" } });
    expect(headers["content-type"]).toBe("text/plain; charset=utf-8");
    expect(body.toString()).toBe("There is no such file. (FileNotFound)\n");
  });
});

test("OPTIONS answers with what is allowed, for any link and none", async () => {
  const { port } = await site();
  const { status, headers, body } = await raw(`http://127.0.0.1:${port}/files/x`, { method: "OPTIONS" });
  expect([status, body.length]).toEqual([204, 0]);
  expect(headers.allow).toBe("GET, HEAD, OPTIONS, PUT, POST, DELETE");
});

describe.each(backends)(
  "%s serves every legal key byte for byte, by fetch and as the link stands:",
  (_name, make) => {
    test.each(legalKeys)("%j", async (key) => {
      const { backend } = await site({}, make);
      const content = Buffer.from(`content of ${JSON.stringify(key)}`);
      await backend.put(key, content);
      const link = await backend.getUrl(key);
      expect((await raw(link)).body.equals(content)).toBe(true);
      expect(await (await fetch(link)).text()).toBe(content.toString());
      const upload = await backend.getUploadUrl(key, { contentType: "text/plain" });
      const { status } = await fetch(upload.url, { method: "PUT", headers: upload.headers, body: "new" });
      expect(status).toBe(201);
      expect(await backend.listKeys()).toEqual([key]);
    });
  },
);

test.each(backends)("%s serves large files and ranges of them", async (_name, make) => {
  const { backend } = await site({}, make);
  const content = pattern(5_000_000);
  await backend.put("a.bin", content);
  const link = await backend.getUrl("a.bin");
  expect((await raw(link)).body.equals(content)).toBe(true);
  const part = await raw(link, { headers: { range: "bytes=1000-2000999" } });
  expect(part.body.equals(content.subarray(1000, 2_001_000))).toBe(true);
});

describe("a failure of the storage", () => {
  test("is a 5xx that says nothing of its reason, which onError is told", async () => {
    const onError = vi.fn();
    const { backend } = await site({ onError });
    await backend.put("a.txt", "hello");
    const link = await backend.getUrl("a.txt");
    const reason = new Error("/srv/secret/place is broken");
    vi.spyOn(backend, "open").mockRejectedValue(reason);
    const { status, body } = await raw(link);
    expect(status).toBe(500);
    expect(JSON.parse(body.toString())).toEqual({
      error: "Unknown",
      message: "Something went wrong on the server.",
    });
    expect(onError).toHaveBeenCalledExactlyOnceWith(reason);
    expect((await raw(`${link}&x=1`)).status).toBe(403);
    expect(onError).toHaveBeenCalledTimes(1);
  });

  test("of a closed backend is 503", async () => {
    const { backend } = await site();
    await backend.put("a.txt", "hello");
    const link = await backend.getUrl("a.txt");
    await backend.close();
    const { status, body } = await raw(link);
    expect(status).toBe(503);
    expect(JSON.parse(body.toString())).toMatchObject({ error: "Closed" });
  });

  test("after the head was sent breaks the answer off, never ends it short", async () => {
    const { backend } = await site();
    await backend.put("a.bin", pattern(200_000));
    const link = await backend.getUrl("a.bin");
    const opened = await backend.open("a.bin");
    let sent = 0;
    const body = new ReadableStream({
      pull: (controller) => {
        if (sent++ === 0) controller.enqueue(pattern(1000));
        else controller.error(new Error("disk gone"));
      },
    });
    vi.spyOn(backend, "open").mockResolvedValue(Object.create(opened, { body: { value: body } }));
    await expect(raw(link)).rejects.toThrow();
  });
});

describe("serveFiles refuses", () => {
  const withoutSigner = (): StorageBackend => {
    const backend = new MemoryBackend({ secret });
    return Object.create(withPrefix(backend, "x/"), { signer: { value: undefined } });
  };

  test("a backend without links of its own", () => {
    expect(() => serveFiles(withoutSigner())).toThrow(
      expect.objectContaining({
        code: "Configuration",
        message: expect.stringContaining("MemoryBackend has no"),
      }),
    );
  });

  test("a prefix that is not the path of baseUrl", () => {
    const backend = new MemoryBackend({ secret, baseUrl: "https://example.com/media/files/" });
    expect(() => serveFiles(backend, { fileRoutePrefix: "/files" })).toThrow(
      expect.objectContaining({
        code: "Configuration",
        message:
          "links are signed for /media/files (the path of baseUrl) and would be served at /files: make them the same",
      }),
    );
    serveFiles(backend, { fileRoutePrefix: "/media/files" });
    serveFiles(backend, { fileRoutePrefix: "/media/files/" });
    serveFiles(new MemoryBackend({ secret, baseUrl: "https://example.com" }), { fileRoutePrefix: "/" });
  });
});
