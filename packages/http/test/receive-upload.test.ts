import { createHash } from "node:crypto";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { type ClientRequest, request as httpRequest } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { SignedUpload, UploadUrlOptions } from "@storage/core";
import { LocalBackend } from "@storage/local";
import { describe, expect, test, vi } from "vitest";
import { folder, pattern, site } from "./site.ts";

const type = { "content-type": "application/octet-stream" };

async function uploads(options: UploadUrlOptions = {}, make?: Parameters<typeof site>[1]) {
  const { backend, port } = await site({}, make);
  const upload = await backend.getUploadUrl("a.bin", options);
  const put = async (body: BodyInit | null, headers: Record<string, string> = upload.headers) => {
    const stream = body instanceof ReadableStream ? { duplex: "half" as const } : {};
    const response = await fetch(upload.url, { method: "PUT", headers, body, ...stream });
    return { status: response.status, headers: response.headers, json: await response.json() };
  };
  return { backend, port, upload, put };
}

function streamOf(...chunks: readonly Uint8Array<ArrayBuffer>[]): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    start: (controller) => {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
}

describe("a signed upload", () => {
  test("is stored as it was signed, and answered with what was stored", async () => {
    const { backend, put } = await uploads({ metadata: { who: "Ada Lovelace" } });
    const { status, headers, json } = await put(pattern(300_000));
    const stored = await backend.getMetadata("a.bin");
    expect(status).toBe(201);
    expect(headers.get("etag")).toBe(`"${stored.etag}"`);
    expect(json).toEqual({
      key: "a.bin",
      size: 300_000,
      contentType: "application/octet-stream",
      etag: stored.etag,
      lastModified: expect.any(String),
      metadata: { who: "Ada Lovelace" },
    });
    expect(stored.metadata).toEqual({ who: "Ada Lovelace" });
    expect(await backend.get("a.bin")).toEqual(pattern(300_000));
  });

  test("may come in chunks, and may be empty", async () => {
    const { backend, put } = await uploads();
    expect((await put(streamOf(pattern(10), pattern(20)))).status).toBe(201);
    expect((await backend.get("a.bin")).length).toBe(30);
    expect((await put(new Uint8Array())).status).toBe(201);
    expect((await put(null)).status).toBe(201);
    expect((await backend.get("a.bin")).length).toBe(0);
  });

  test("can be repeated until the link expires, and then replaces the object", async () => {
    const { backend, put } = await uploads();
    await put("one");
    expect((await put("two")).status).toBe(201);
    expect(await backend.get("a.bin")).toEqual(new TextEncoder().encode("two"));
  });

  test("that may only create stores once", async () => {
    const { backend, put } = await uploads({ ifNoneMatch: "*" });
    expect((await put("one")).status).toBe(201);
    const { status, json } = await put("two");
    expect(status).toBe(412);
    expect(json).toEqual({
      error: "PreconditionFailed",
      message: "The file was changed, or is there already.",
    });
    expect(await backend.get("a.bin")).toEqual(new TextEncoder().encode("one"));
  });

  test("with a checksum takes these bytes and no others", async () => {
    const sha256 = createHash("sha256").update("right").digest("hex");
    const { backend, put } = await uploads({ checksum: { sha256 } });
    const { status, json } = await put("wrong");
    expect([status, json.error]).toEqual([400, "Integrity"]);
    expect(await backend.exists("a.bin")).toBe(false);
    expect((await put("right")).status).toBe(201);
  });
});

describe("the type of an upload", () => {
  test.each([
    ["another one", { "content-type": "text/html" }],
    ["one with a charset that was not signed", { "content-type": "application/octet-stream; charset=utf-8" }],
    ["a packed one", { ...type, "content-encoding": "gzip" }],
  ])("%s is 415, and nothing is stored", async (_what, headers) => {
    const { backend, put } = await uploads();
    const { status, json } = await put("hello", headers);
    expect([status, json.error]).toEqual([415, "UnsupportedType"]);
    expect(await backend.listKeys()).toEqual([]);
  });

  test("none at all is 415", async () => {
    const { put } = await uploads();
    expect((await put(new Uint8Array(3), {})).status).toBe(415);
  });

  test("may be written in another case and with blanks", async () => {
    const { put } = await uploads({ contentType: "text/plain; charset=utf-8" });
    expect((await put("hello", { "content-type": "text/plain;charset=UTF-8" })).status).toBe(201);
  });
});

test("an upload that is packed between two servers is 415, since nobody here unpacks it", async () => {
  const { backend, upload } = await uploads();
  const headers = { ...upload.headers, "transfer-encoding": "gzip, chunked" };
  const request = httpRequest(upload.url, { method: "PUT", headers });
  request.end(gzipSync("hello"));
  const [response] = await once(request, "response");
  response.resume();
  expect(response.statusCode).toBe(415);
  expect(await backend.listKeys()).toEqual([]);
});

describe("the length of an upload", () => {
  const bounds = { minBytes: 10, maxBytes: 20 };
  test.each([
    ["more than maxBytes", 21, bounds, 413, "TooLarge"],
    ["fewer than minBytes", 9, bounds, 400, "InvalidArgument"],
    ["more than size", 16, { size: 15 }, 413, "TooLarge"],
    ["fewer than size", 14, { size: 15 }, 400, "InvalidArgument"],
  ])(
    "with %s bytes stores nothing, announced or in chunks",
    async (_what, length, options, status, error) => {
      const { backend, put } = await uploads(options);
      await backend.put("a.bin", "before");
      for (const body of [pattern(length), streamOf(pattern(5), pattern(length).subarray(5))]) {
        const { json, ...answer } = await put(body);
        expect([answer.status, json.error]).toEqual([status, error]);
        expect(await backend.get("a.bin")).toEqual(new TextEncoder().encode("before"));
      }
    },
  );

  test.each([10, 15, 20])("of %i bytes fits between 10 and 20", async (length) => {
    const { backend, put } = await uploads(bounds);
    for (const body of [pattern(length), streamOf(pattern(5), pattern(length).subarray(5))]) {
      expect((await put(body)).status).toBe(201);
      expect((await backend.get("a.bin")).length).toBe(length);
    }
  });

  test("is refused before anything is read when it is announced", async () => {
    const { backend, put } = await uploads({ minBytes: 5, maxBytes: 10 });
    const write = vi.spyOn(backend, "put");
    expect((await put(pattern(11))).status).toBe(413);
    expect((await put(pattern(4))).status).toBe(400);
    expect(write).not.toHaveBeenCalled();
  });
});

describe("a condition that the client adds", () => {
  test.each([
    [201, { "if-match": "ETAG" }],
    [412, { "if-match": '"other"' }],
    [412, { "if-none-match": "*" }],
    [501, { "if-match": "*" }],
    [501, { "if-match": 'ETAG, "other"' }],
    [501, { "if-none-match": '"other"' }],
    [501, { "if-unmodified-since": "Sun, 06 Nov 1994 08:49:37 GMT" }],
  ] as [number, Record<string, string>][])(
    "%i for %j: kept or refused, never ignored",
    async (status, conditions) => {
      const { backend, put, upload } = await uploads();
      const { etag } = await backend.put("a.bin", "before");
      const headers = { ...upload.headers };
      for (const [name, value] of Object.entries(conditions))
        headers[name] = value.replace("ETAG", `"${etag}"`);
      expect((await put("after", headers)).status).toBe(status);
      const now = new TextDecoder().decode(await backend.get("a.bin"));
      expect(now).toBe(status === 201 ? "after" : "before");
    },
  );
});

test("a part of a file is refused, since it would be stored as the file", async () => {
  const { put, upload } = await uploads();
  const { status } = await put("hello", { ...upload.headers, "content-range": "bytes 5-9/10" });
  expect(status).toBe(400);
});

describe("a client that breaks off leaves nothing", () => {
  const begin = ({ url }: SignedUpload, headers: Record<string, string>): ClientRequest => {
    const request = httpRequest(url, { method: "PUT", headers: { ...type, ...headers } });
    request.on("error", () => {});
    request.write(pattern(100_000));
    return request;
  };

  test.each([
    ["an announced length", { "content-length": "200000" }],
    ["chunks", {}],
    ["chunks and minBytes", {}, { minBytes: 10 }],
  ])("of a body with %s", async (_what, headers: Record<string, string>, options: UploadUrlOptions = {}) => {
    const { backend, upload } = await uploads(options);
    await backend.put("a.bin", "before");
    const put = vi.spyOn(backend, "put");
    const request = begin(upload, headers);
    await vi.waitFor(() => expect(put).toHaveBeenCalled());
    request.destroy();
    await expect(put.mock.results[0]?.value).rejects.toMatchObject({
      code: expect.stringMatching(/^(Aborted|SourceFailed)$/),
    });
    expect(await backend.get("a.bin")).toEqual(new TextEncoder().encode("before"));
  });

  test("also when it closes its side of the connection in an orderly way", async () => {
    const { backend, port, upload } = await uploads();
    const put = vi.spyOn(backend, "put");
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true }).on("error", () => {});
    const path = upload.url.slice(upload.url.indexOf("/files"));
    socket.write(
      `PUT ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\nContent-Type: ${type["content-type"]}\r\n\r\n12345`,
    );
    await vi.waitFor(() => expect(put).toHaveBeenCalled());
    socket.end();
    await expect(put.mock.results[0]?.value).rejects.toThrow();
    expect(await backend.listKeys()).toEqual([]);
    socket.destroy();
  });
});

test("a client that breaks off leaves no file in a folder, and a refused upload neither", async () => {
  const basePath = folder();
  const { backend, upload, put } = await uploads(
    { maxBytes: 1_000_000 },
    (options) => new LocalBackend({ ...options, basePath }),
  );
  const write = vi.spyOn(backend, "put");
  const request = httpRequest(upload.url, { method: "PUT", headers: type }).on("error", () => {});
  request.write(pattern(500_000));
  const temporaries = join(basePath, ".storage/tmp");
  await vi.waitFor(() => expect(readdirSync(temporaries)).toHaveLength(1));
  request.destroy();
  await expect(write.mock.results[0]?.value).rejects.toThrow();
  expect((await put(streamOf(pattern(600_000), pattern(600_000)))).status).toBe(413);
  expect(readdirSync(temporaries)).toEqual([]);
  expect(await backend.listKeys()).toEqual([]);
  expect((await put(streamOf(pattern(500_000), pattern(500_000)))).status).toBe(201);
  expect(readdirSync(temporaries)).toEqual([]);
});

describe("a refusal reaches a client that is still sending", () => {
  /** Sends without ever looking whether somebody listens, as browsers do. */
  async function stubborn({ url }: SignedUpload, headers: Record<string, string>, bytes: number) {
    const request = httpRequest(url, { method: "PUT", headers: { ...type, ...headers } });
    const answered = once(request, "response");
    const chunk = pattern(1024 * 1024);
    let sent = 0;
    const send = (): void => {
      while (sent < bytes) {
        sent += chunk.length;
        if (!request.write(chunk)) return void request.once("drain", send);
      }
      request.end();
    };
    send();
    const [response] = await answered;
    const body = Buffer.concat(await response.toArray()).toString();
    await once(request, "close");
    return { status: response.statusCode, headers: response.headers, body, sent };
  }

  test.each([
    ["before it is read", { "content-length": String(64 * 1024 * 1024) }],
    ["in the middle of it", {}],
  ])("when the body is too large, %s", async (_when, headers) => {
    const { backend, upload } = await uploads({ maxBytes: 3_000_000 });
    const answer = await stubborn(upload, headers as Record<string, string>, 64 * 1024 * 1024);
    expect(answer.status).toBe(413);
    expect(answer.headers.connection).toBe("close");
    expect(JSON.parse(answer.body)).toEqual({ error: "TooLarge", message: "The file is too large." });
    expect(await backend.listKeys()).toEqual([]);
  });

  test("and the connection is closed in the end under one that never stops", {
    timeout: 15_000,
  }, async () => {
    const { port, upload } = await uploads({ maxBytes: 10 });
    const path = upload.url.slice(upload.url.indexOf("/files"));
    const socket = connect(port, "127.0.0.1").on("error", () => {});
    const type = "Content-Type: application/octet-stream";
    socket.write(`PUT ${path} HTTP/1.1\r\nHost: x\r\n${type}\r\nTransfer-Encoding: chunked\r\n\r\n`);
    const timer = setInterval(() => socket.write(`64\r\n${"x".repeat(100)}\r\n`), 50);
    const [answer] = await once(socket, "data");
    expect(String(answer)).toMatch(/^HTTP\/1.1 413 /);
    await once(socket, "close");
    clearInterval(timer);
  });
});
