import { once } from "node:events";
import { connect } from "node:net";
import type { StorageBackend } from "@storage/core";
import { MemoryBackend } from "@storage/memory";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { AddStorageOptions } from "../src/index.ts";
import { pattern, raw, secret } from "./site.ts";

/** An app that listens, with the routes that `Framework.start` names. */
interface RunningApp {
  readonly port: number;
  addStorage(options: AddStorageOptions): Promise<StorageBackend>;
  /** As an application of this framework ends. */
  close(): Promise<void>;
}

/** What JavaScript may give, and TypeScript would not let through. */
const misspelt = (options: object): AddStorageOptions => options;

export interface Framework {
  readonly name: string;
  /**
   * Adds a storage where there are options for one, then the routes: `GET /text?key=` says what `getStorage`
   * holds, `GET /object?key=` is `sendObject`, `GET /broken` throws "not the storage's", `POST /upload` stores
   * what `acceptUpload` takes by `limits` and answers with key, size and type; then `storageErrors({ onError })`.
   */
  start(options?: AddStorageOptions, onError?: (error: unknown) => void): Promise<RunningApp>;
}

/** Of `POST /upload`. */
export const limits = { maxBytes: 100_000, allowedTypes: ["image/png", "text/plain"] } as const;

const origin = "http://localhost:8000";

export function memory(): MemoryBackend {
  const backend = new MemoryBackend({ baseUrl: `${origin}/files`, secret });
  onTestFinished(() => backend.close());
  return backend;
}

export const png: Buffer<ArrayBuffer> = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);
const pdf = "%PDF-1.7\n1 0 obj\n";

/** What all bindings promise, through a real socket. */
export function describeApp({ name, start }: Framework): void {
  const started = async (...given: Parameters<typeof start>): Promise<RunningApp> => {
    const app = await start(...given);
    onTestFinished(() => app.close());
    return app;
  };
  const withFiles = async (backend: MemoryBackend, options: AddStorageOptions = {}) => {
    const app = await started({ backend, serveFiles: true, ...options });
    /** Where this app serves what was signed before its port was known. */
    const at = (link: string): string => link.replace(origin, `http://127.0.0.1:${app.port}`);
    return { app, at };
  };
  const get = (app: RunningApp, path: string, init?: RequestInit): Promise<Response> =>
    fetch(`http://127.0.0.1:${app.port}${path}`, init);

  describe(`${name}: health`, () => {
    test("is 200 while the storage answers", async () => {
      const answer = await get(await started({ backend: memory() }), "/_ops/health");
      expect(answer.status).toBe(200);
      expect(await answer.json()).toEqual({
        status: "healthy",
        storage: { backend: "MemoryBackend", status: "connected" },
      });
    });

    test("is 503 with the code where it does not, at the path that was asked for", async () => {
      const backend = memory();
      const app = await started({ backend, healthPath: "/up" });
      await backend.close();
      const answer = await get(app, "/up");
      expect(answer.status).toBe(503);
      expect(await answer.json()).toEqual({
        status: "unhealthy",
        storage: { backend: "MemoryBackend", status: "disconnected", error: "Closed" },
      });
      expect((await get(app, "/_ops/health")).status).toBe(404);
    });
  });

  describe(`${name}: signed links`, () => {
    test("are served before the app's routes, whole and in ranges", async () => {
      const backend = memory();
      const { at } = await withFiles(backend);
      await backend.put("π/a b.txt", "hello");
      const link = at(await backend.getUrl("π/a b.txt"));
      const whole = await fetch(link);
      expect([whole.status, await whole.text()]).toEqual([200, "hello"]);
      const part = await fetch(link, { headers: { range: "bytes=1-2" } });
      expect([part.status, await part.text()]).toEqual([206, "el"]);
      const etag = whole.headers.get("etag") ?? "";
      expect((await fetch(link, { headers: { "if-none-match": etag } })).status).toBe(304);
      expect((await fetch(link, { headers: { range: "bytes=9-" } })).status).toBe(416);
      const head = await fetch(link, { method: "HEAD" });
      expect([head.status, head.headers.get("content-length")]).toEqual([200, "5"]);
      const options = await fetch(link, { method: "OPTIONS" });
      expect(options.status).toBe(204);
      expect(options.headers.get("allow")).toMatch(/^GET, HEAD, OPTIONS, PUT/);
    });

    test("are 404 where nothing is, and 403 where nothing was signed", async () => {
      const backend = memory();
      const { at, app } = await withFiles(backend);
      await backend.put("gone", "");
      const link = at(await backend.getUrl("gone"));
      await backend.delete("gone");
      expect((await fetch(link)).status).toBe(404);
      expect((await fetch(`${link}0`)).status).toBe(403);
      expect((await get(app, "/files/gone")).status).toBe(403);
    });

    test("are the storage's whatever the method and the type of the body are", async () => {
      const backend = memory();
      const { at } = await withFiles(backend);
      await backend.put("a.txt", "hello");
      const link = at(await backend.getUrl("a.txt"));
      for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
        const headers = { "content-type": "application/xml" };
        const answer = await fetch(link, { method, headers, body: "<a/>" });
        expect([method, answer.status, (await answer.json()).error]).toEqual([
          method,
          403,
          "PermissionDenied",
        ]);
      }
    });

    test("hold for every legal key, byte for byte", async () => {
      const backend = memory();
      const { at } = await withFiles(backend);
      for (const key of ["%2e", "%2e%2e", "a..b", "a?b#c&d+e*", "a/ /b", "😀", ".env"]) {
        await backend.put(key, key);
        const answer = await raw(at(await backend.getUrl(key)));
        expect([answer.status, answer.body.toString()]).toEqual([200, key]);
      }
    });

    test("take an upload, and the same connection the next request", async () => {
      const backend = memory();
      const { at } = await withFiles(backend);
      const { method, url, headers } = await backend.getUploadUrl("a.bin", { maxBytes: 1_000_000 });
      const body = pattern(300_000);
      const answer = await fetch(at(url), { method, headers, body });
      expect(answer.status).toBe(201);
      expect(await backend.get("a.bin")).toEqual(body);
      const large = await fetch(at(url), { method, headers, body: pattern(1_000_001) });
      expect([large.status, (await large.json()).error]).toEqual([413, "TooLarge"]);
      expect(await backend.get("a.bin")).toEqual(body);
    });

    test("store nothing of an upload that breaks off", async () => {
      const backend = memory();
      const { app, at } = await withFiles(backend);
      const { url, headers } = await backend.getUploadUrl("a.bin");
      const path = at(url).slice(`http://127.0.0.1:${app.port}`.length);
      const socket = connect(app.port, "127.0.0.1").on("error", () => {});
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
      socket.write(`PUT ${path} HTTP/1.1\r\nHost: a\r\n${lines.join("")}Content-Length: 1000\r\n\r\n12345`);
      await once(socket, "connect");
      setTimeout(() => socket.destroy(), 50);
      await once(socket, "close");
      await app.close();
      expect(await backend.listKeys().catch(() => "closed")).not.toContain("a.bin");
    });

    test("of a large file go out whole", async () => {
      const backend = memory();
      const { at } = await withFiles(backend);
      await backend.put("large.bin", pattern(5_000_000));
      const answer = await fetch(at(await backend.getUrl("large.bin")));
      expect(answer.headers.get("content-length")).toBe("5000000");
      expect(new Uint8Array(await answer.arrayBuffer())).toEqual(pattern(5_000_000));
    });

    test.skipIf(!new MemoryBackend().capabilities.uploadParts)("take an upload in parts", async () => {
      const backend = memory();
      const { at } = await withFiles(backend);
      const body = pattern(20_000_000);
      const size = body.length;
      const { parts } = await backend.getUploadUrl("parts.bin", { parts: true, size });
      const { urls = [], partSize = size, completeUrl = "" } = parts ?? {};
      const etags = urls.map(async (url, index) => {
        const part = body.subarray(index * partSize, (index + 1) * partSize);
        return (await fetch(at(url), { method: "PUT", body: part })).headers.get("etag");
      });
      const listed = (await Promise.all(etags)).map(
        (etag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${etag}</ETag></Part>`,
      );
      const list = `<CompleteMultipartUpload>${listed.join("")}</CompleteMultipartUpload>`;
      expect((await fetch(at(completeUrl), { method: "POST", body: list })).ok).toBe(true);
      expect(await backend.get("parts.bin")).toEqual(body);
    });

    test("are the app's own matter where serveFiles is off", async () => {
      const backend = memory();
      const app = await started({ backend });
      expect((await get(app, "/files/a")).status).toBe(404);
    });

    test("tell pages of an allowed origin what they may, and others nothing", async () => {
      const backend = memory();
      const cors = { origins: ["https://app.example.com"] };
      const { at } = await withFiles(backend, { cors });
      await backend.put("a.txt", "hello");
      const link = at(await backend.getUrl("a.txt"));
      const allowed = (answer: Response) => answer.headers.get("access-control-allow-origin");
      const from = (page: string) => fetch(link, { headers: { origin: page } });
      expect(allowed(await from("https://app.example.com"))).toBe("https://app.example.com");
      const other = await from("https://evil.example.com");
      expect([other.status, allowed(other), other.headers.get("vary")]).toEqual([200, null, "Origin"]);
      const preflight = await raw(link, {
        method: "OPTIONS",
        headers: { origin: "https://app.example.com", "access-control-request-method": "PUT" },
      });
      expect([preflight.status, preflight.headers["access-control-allow-methods"]]).toEqual([
        204,
        "GET, HEAD, PUT, POST, DELETE",
      ]);
    });
  });

  describe(`${name}: a route`, () => {
    test("has the backend", async () => {
      const backend = memory();
      await backend.put("a.txt", "hello");
      const answer = await get(await started({ backend }), "/text?key=a.txt");
      expect([answer.status, await answer.text()]).toEqual([200, "hello"]);
    });

    test("is told to call addStorage where nobody did", async () => {
      const errors: unknown[] = [];
      const answer = await get(await started(undefined, (error) => errors.push(error)), "/text?key=a.txt");
      expect([answer.status, (await answer.json()).error]).toEqual([503, "Configuration"]);
      expect(errors).toEqual([
        expect.objectContaining({
          message: expect.stringContaining("Storage not configured: call addStorage(app) first"),
        }),
      ]);
    });

    test("answers an object with ranges and conditions", async () => {
      const backend = memory();
      await backend.put("a.txt", "hello");
      const app = await started({ backend });
      const whole = await get(app, "/object?key=a.txt");
      expect([whole.status, await whole.text()]).toEqual([200, "hello"]);
      expect(whole.headers.get("cache-control")).toBe("private, no-cache");
      const part = await get(app, "/object?key=a.txt", { headers: { range: "bytes=-2" } });
      expect([part.status, await part.text()]).toEqual([206, "lo"]);
      const head = await get(app, "/object?key=a.txt", { method: "HEAD" });
      expect([head.status, head.headers.get("content-length")]).toEqual([200, "5"]);
      const absent = await get(app, "/object?key=absent");
      expect([absent.status, (await absent.json()).error]).toEqual([404, "FileNotFound"]);
    });

    test("that throws a storage's error is answered by its status, and other errors are the app's", async () => {
      const errors: unknown[] = [];
      const app = await started({ backend: memory() }, (error) => errors.push(error));
      const absent = await get(app, "/text?key=absent");
      expect([absent.status, await absent.json()]).toEqual([
        404,
        { error: "FileNotFound", message: "There is no such file." },
      ]);
      expect((await get(app, "/text?key=a//b")).status).toBe(400);
      const person = await get(app, "/text?key=absent", { headers: { accept: "text/html" } });
      expect(await person.text()).toBe("There is no such file. (FileNotFound)\n");
      expect((await get(app, "/broken")).status).toBe(500);
      expect(errors).toEqual([]);
    });

    test("is not reached by a header that names another path", async () => {
      const app = await started({ backend: memory() });
      const answer = await raw(`http://127.0.0.1:${app.port}/nowhere`, {
        headers: { "x-original-url": "/_ops/health", "x-rewrite-url": "/_ops/health" },
      });
      expect(answer.status).toBe(404);
    });
  });

  describe(`${name}: an upload`, () => {
    const form = (file: Blob, fileName: string): FormData => {
      const data = new FormData();
      data.set("title", "a title");
      data.set("file", file, fileName);
      return data;
    };
    const upload = async (body: FormData | Blob, backend = memory()) => {
      const answer = await get(await started({ backend }), "/upload", { method: "POST", body });
      return { status: answer.status, answer: await answer.json(), keys: await backend.listKeys() };
    };

    test("out of a form is stored under a key made of its name, with the type that it has", async () => {
      const { status, answer, keys } = await upload(
        form(new Blob([png], { type: "text/html" }), "../π?.png"),
      );
      expect([status, answer]).toEqual([
        201,
        { key: "π?.png", size: png.length, contentType: "image/png", title: "a title" },
      ]);
      expect(keys).toEqual(["π?.png"]);
    });

    test.each<[string, FormData | Blob, number, string]>([
      ["of another type", form(new Blob([pdf], { type: "image/png" }), "a.png"), 415, "UnsupportedType"],
      ["too large", form(new Blob([png, pattern(100_000)]), "a.png"), 413, "TooLarge"],
      ["without a file", form(new Blob([]), ""), 415, "UnsupportedType"],
    ])("%s is refused with a sentence, and nothing is stored", async (_what, body, expected, code) => {
      const { status, answer, keys } = await upload(body);
      expect([status, answer.error]).toEqual([expected, code]);
      expect(answer.message).toMatch(/^[A-Z].*\.$/);
      expect(keys).toEqual([]);
    });

    test("whose body is the file is stored too", async () => {
      const { status, answer } = await upload(new Blob(["hello"], { type: "text/plain" }));
      expect([status, answer.size, answer.contentType]).toEqual([201, 5, "text/plain"]);
    });
  });

  describe(`${name}: addStorage`, () => {
    test("gives the backend that it was given", async () => {
      const backend = memory();
      const app = await started({ backend: memory() });
      expect(await app.addStorage({ backend })).toBe(backend);
    });

    test("takes the backend that the environment asks for, where none is given", async () => {
      vi.stubEnv("STORAGE_BACKEND", "memory");
      const told = vi.spyOn(console, "info").mockImplementation(() => {});
      onTestFinished(() => {
        vi.unstubAllEnvs();
        told.mockRestore();
      });
      const app = await started({});
      const answer = await get(app, "/_ops/health");
      expect(await answer.json()).toMatchObject({ storage: { backend: "MemoryBackend" } });
    });

    test("says what the environment is missing, and leaves all as it was", async () => {
      vi.stubEnv("STORAGE_BACKEND", "s3");
      onTestFinished(() => void vi.unstubAllEnvs());
      const app = await started({ backend: memory() });
      await expect(app.addStorage({})).rejects.toMatchObject({
        code: "Configuration",
        message: expect.stringContaining("STORAGE_S3_BUCKET"),
      });
      expect((await get(app, "/_ops/health")).status).toBe(200);
    });

    test("called again replaces the backend, and closes the one before", async () => {
      const [first, second] = [memory(), memory()];
      await second.put("a.txt", "second");
      const app = await started({ backend: first });
      await app.addStorage({ backend: second });
      expect(await (await get(app, "/text?key=a.txt")).text()).toBe("second");
      await expect(first.exists("a.txt")).rejects.toMatchObject({ code: "Closed" });
    });

    test("called again lets a download that is under way end", async () => {
      const [first, second] = [memory(), memory()];
      await first.put("large.bin", pattern(8_000_000));
      const { app, at } = await withFiles(first);
      const answer = await fetch(at(await first.getUrl("large.bin")));
      const replaced = app.addStorage({ backend: second });
      expect(new Uint8Array(await answer.arrayBuffer())).toEqual(pattern(8_000_000));
      await replaced;
      await expect(first.exists("large.bin")).rejects.toMatchObject({ code: "Closed" });
    });

    test("called again with the same backend keeps it open", async () => {
      const backend = memory();
      await backend.put("a.txt", "kept");
      const app = await started({ backend });
      await app.addStorage({ backend, healthPath: "/up" });
      expect(await (await get(app, "/text?key=a.txt")).text()).toBe("kept");
      expect((await get(app, "/up")).status).toBe(200);
    });

    test.each<[string, AddStorageOptions]>([
      ["another path for files than the links have", { serveFiles: true, fileRoutePrefix: "/elsewhere" }],
      ["a path without a slash", { healthPath: "up" }],
      ["CORS without files", { cors: { origins: "*" } }],
      ["CORS for what is no origin", { serveFiles: true, cors: { origins: ["https://a.example/path"] } }],
      ["a timeout that is none", { requestTimeout: -1 }],
    ])("refuses %s, and leaves all as it was", async (_what, wrong) => {
      const [first, second] = [memory(), memory()];
      const app = await started({ backend: first });
      await expect(app.addStorage({ backend: second, ...wrong })).rejects.toMatchObject({
        code: "Configuration",
      });
      await first.put("a.txt", "still here");
      expect(await (await get(app, "/text?key=a.txt")).text()).toBe("still here");
      expect(await second.exists("a.txt")).toBe(false);
    });

    test.each([
      ["an option that it does not know", { serveFile: true }, "did you mean serveFiles?"],
      ["a backend in the place of options", new MemoryBackend(), "addStorage(app, { backend })"],
    ])("refuses %s, and says what it takes", async (_what, wrong, sentence) => {
      const app = await started({ backend: memory() });
      await expect(app.addStorage(misspelt(wrong))).rejects.toMatchObject({
        code: "Configuration",
        message: expect.stringContaining(sentence),
      });
    });

    test("refuses to serve the links of a backend that has none of ours", async () => {
      const app = await started({ backend: memory() });
      const backend: StorageBackend = Object.create(memory(), { signer: { value: undefined } });
      await expect(app.addStorage({ backend, serveFiles: true })).rejects.toMatchObject({
        code: "Configuration",
      });
    });
  });

  test(`${name}: the backend is closed with the app, that of a replacement too`, async () => {
    const [first, second] = [memory(), memory()];
    const app = await start({ backend: first });
    await app.addStorage({ backend: second });
    await (await get(app, "/_ops/health")).text();
    await app.close();
    await vi.waitFor(() => expect(second.exists("a")).rejects.toMatchObject({ code: "Closed" }));
  });
}
