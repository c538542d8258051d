import { execFile } from "node:child_process";
import { getEventListeners, once } from "node:events";
import { readdirSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { StorageError } from "@storage/core";
import { LocalBackend } from "@storage/local";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { type AcceptedUpload, acceptUpload, errorAnswer, toNodeHandler } from "../src/index.ts";
import { backends, folder, listening, pattern, secret } from "./site.ts";
import { boundary, closing, field, filePart, formOf, formType, part } from "./upload-form.ts";
import { send, uploadSite } from "./upload-site.ts";

const portOf = (url: string): number => Number(new URL(url).port);

async function opened(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1").on("error", () => {});
  await once(socket, "connect");
  return socket;
}

const head = (length: number): string =>
  `POST / HTTP/1.1\r\nHost: x\r\nContent-Type: ${formType}\r\nContent-Length: ${length}\r\n\r\n`;

/** Numbers below 1 that look random, and are the same in every run. */
function* fractions(count: number): Generator<number> {
  for (let state = 7, at = 0; at < count; at++) {
    state = (state * 48_271) % 2_147_483_647;
    yield state / 2_147_483_647;
  }
}

describe.each(backends)("%s: a client that goes away", (_name, make) => {
  const form = formOf(field("a", "1"), filePart("a.bin", pattern(400_000)), field("b", "2"));

  test("after any part of a form leaves nothing stored", async () => {
    const { backend, url, failures } = await uploadSite({}, make);
    let count = 0;
    for (const fraction of fractions(10)) {
      const socket = await opened(portOf(url));
      socket.write(head(form.length));
      const bytes = form.subarray(0, Math.floor(fraction * form.length));
      await new Promise((resolve) => socket.write(bytes, resolve));
      // An orderly end of one side, and a connection that breaks.
      if (count % 2 === 0) socket.end();
      else socket.resetAndDestroy();
      await expect.poll(() => failures.length).toBe(++count);
      socket.destroy();
    }
    expect(await backend.listKeys()).toEqual([]);
    expect((await send(url, [form])).status).toBe(201);
    expect(await backend.listKeys()).toEqual(["a.bin"]);
  });

  test("after all of a form but its last line leaves nothing stored", async () => {
    const { backend, url, failures } = await uploadSite({}, make);
    const socket = await opened(portOf(url));
    socket.write(head(form.length));
    socket.write(form.subarray(0, form.length - closing.length));
    socket.end();
    await expect.poll(() => failures.length).toBe(1);
    expect(failures).toMatchObject([{ code: expect.stringMatching(/SourceFailed|Aborted/) }]);
    expect(await backend.listKeys()).toEqual([]);
  });
});

test("a client that goes away leaves no file in the folder", async () => {
  const basePath = folder();
  const { url, failures } = await uploadSite({}, (options) => new LocalBackend({ ...options, basePath }));
  const socket = await opened(portOf(url));
  socket.write(head(1_000_000));
  socket.write(filePart("a.bin", pattern(400_000)).subarray(0, 300_000));
  const temporaries = join(basePath, ".storage/tmp");
  await expect
    .poll(() => readdirSync(basePath).includes(".storage") && readdirSync(temporaries).length)
    .toBe(1);
  socket.destroy();
  await expect.poll(() => failures.length).toBe(1);
  expect(readdirSync(temporaries)).toEqual([]);
});

describe("a form that is a bomb is refused in little memory, and nothing of it is stored:", () => {
  function* repeated(bytes: Uint8Array, times: number): Generator<Uint8Array> {
    for (let at = 0; at < times; at++) yield bytes;
  }
  const mebibyte = Buffer.alloc(1024 * 1024, "x");
  const start = Buffer.from(`--${boundary}\r\n`);

  test.each<[string, () => Generator<Uint8Array>, string]>([
    ["100,000 fields", () => repeated(field("a", "x"), 100_000), "The form has too many fields."],
    ["100,000 files", () => repeated(filePart("a", "x"), 100_000), "The form has more than one file."],
    [
      "100,000 files that were not chosen",
      () => repeated(part('Content-Disposition: form-data; name="a"; filename=""', ""), 100_000),
      "The form has too much beside its file.",
    ],
    [
      "a header of 10 MB",
      function* () {
        yield start;
        yield Buffer.from('Content-Disposition: form-data; name="a"\r\nX-Header: ');
        yield* repeated(mebibyte, 10);
      },
      "The form is malformed.",
    ],
    [
      "a field's name of 1 MB",
      function* () {
        yield start;
        yield Buffer.from('Content-Disposition: form-data; name="');
        yield mebibyte;
        yield Buffer.from('"\r\n\r\nx');
      },
      "The form is malformed.",
    ],
    [
      "100,000 headers",
      function* () {
        yield start;
        yield* repeated(Buffer.from("A: b\r\n"), 100_000);
      },
      "The form is malformed.",
    ],
    ["50 MB before the first part", () => repeated(mebibyte, 50), "The form has too much beside its file."],
    [
      "50 MB after the last part",
      function* () {
        yield formOf(filePart("a.txt", "x"));
        yield* repeated(mebibyte, 50);
      },
      "The form has too much beside its file.",
    ],
    [
      "boundaries with nothing between them",
      () => repeated(Buffer.from(`\r\n--${boundary}`.repeat(1000)), 1000),
      "The form has too much beside its file.",
    ],
  ])("%s", async (_what, pieces, message) => {
    const { backend, url } = await uploadSite();
    const { status, json } = await send(url, pieces());
    expect([status, json.message]).toEqual([400, message]);
    expect(await backend.listKeys()).toEqual([]);
  });
});

test("a slow sender is waited for", async () => {
  const { backend, url } = await uploadSite();
  const form = formOf(field("a", "1"), filePart("a.txt", "hello"));
  async function* slowly() {
    for (const byte of form) {
      yield Buffer.of(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  const { json } = await send(url, slowly());
  expect([json.key, json.fields]).toEqual(["a.txt", { a: "1" }]);
  expect((await backend.get("a.txt")).length).toBe(5);
});

describe("a body that is not read to its end", () => {
  /** Endless, and counts what is taken of it. */
  function endless() {
    const state = { taken: 0, cancelled: false };
    const start = filePart("a.txt", pattern(10)).subarray(0, -2);
    const body = new ReadableStream<Uint8Array>(
      {
        pull: (controller) => {
          controller.enqueue(state.taken === 0 ? start : pattern(65_536));
          state.taken++;
        },
        cancel: () => {
          state.cancelled = true;
        },
      },
      { highWaterMark: 0 },
    );
    const headers = { "content-type": formType };
    const init = { method: "POST", headers, body, duplex: "half" } as RequestInit;
    return { state, request: new Request("http://localhost/", init) };
  }

  test("is read no faster than it is taken", async () => {
    const { state, request } = endless();
    const { body } = await acceptUpload(request, { maxBytes: 10 ** 9 });
    const taken = state.taken;
    const iterator = body[Symbol.asyncIterator]();
    for (let count = 0; count < 10; count++) await iterator.next();
    expect(state.taken - taken).toBeLessThanOrEqual(10);
    expect(taken).toBeLessThanOrEqual(3);
  });

  test.each([
    ["before it was begun", 0],
    ["in its middle", 5],
  ])("lets go of the request when it is left %s", async (_when, count) => {
    const { state, request } = endless();
    const { body } = await acceptUpload(request, { maxBytes: 10 ** 9 });
    const iterator = body[Symbol.asyncIterator]();
    for (let at = 0; at < count; at++) await iterator.next();
    await iterator.return?.();
    await expect.poll(() => state.cancelled).toBe(true);
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  test.each([
    ["the bytes are too many", { maxBytes: 100_000 }],
    ["the type is not allowed", { maxBytes: 10 ** 9, allowedTypes: ["image/png"] }],
  ])("lets go of the request when %s", async (_what, options) => {
    const { state, request } = endless();
    const reading = async () => {
      const { body } = await acceptUpload(request, options);
      for await (const _chunk of body);
    };
    await expect(reading()).rejects.toThrow();
    await expect.poll(() => state.cancelled).toBe(true);
  });

  test("leaves no listener on a signal", async () => {
    const { signal } = new AbortController();
    const { request } = endless();
    const { body } = await acceptUpload(request, { maxBytes: 10 ** 9, signal });
    expect(getEventListeners(signal, "abort")).toHaveLength(1);
    await body[Symbol.asyncIterator]().return?.();
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
  });

  const form = formOf(filePart("a.bin", pattern(3_000_000)));
  const leaveAfter = (count: number) => async (upload: AcceptedUpload) => {
    const iterator = upload.body[Symbol.asyncIterator]();
    for (let at = 0; at < count; at++) await iterator.next();
    await iterator.return?.();
  };
  const uses: readonly (readonly [string, (upload: AcceptedUpload) => Promise<void>])[] = [
    ["is never read", async () => {}],
    ["is left before it was begun", leaveAfter(0)],
    ["is left in its middle", leaveAfter(3)],
  ];

  test.each(uses)("and %s lets a handler's answer reach the client", async (_what, use) => {
    const handle = toNodeHandler(async (request) => {
      await use(await acceptUpload(request, { maxBytes: 10 ** 7 }));
      return { status: 409, headers: {}, body: '{"error":"KeyConflict"}' };
    });
    const url = `http://127.0.0.1:${await listening(createServer(handle))}/`;
    expect(await send(url, [form])).toEqual({ status: 409, json: { error: "KeyConflict" } });
  });

  test.each(uses.slice(1))(
    "and %s leaves the connection to Node's own server for the next request",
    async (_what, use) => {
      const answer: RequestListener = async (req, res) => {
        if (req.method === "POST") await use(await acceptUpload(req, { maxBytes: 10 ** 7 }));
        res.end(req.method);
      };
      const socket = await opened(await listening(createServer(answer)));
      let received = "";
      socket.on("data", (chunk) => {
        received += chunk;
      });
      socket.write(head(form.length));
      socket.write(form);
      socket.write("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      await once(socket, "close");
      expect(received.match(/HTTP\/1\.1 200/g)).toHaveLength(2);
      expect(received).toMatch(/POST[\s\S]*GET$/);
    },
  );

  test.each(backends)(
    "since %s refused it before, leaves the connection to Node's own server too",
    async (_name, make) => {
      const backend = make({ secret });
      onTestFinished(() => backend.close());
      await backend.put("a.bin", "before");
      const server = createServer(async (req, res) => {
        if (req.method === "GET") return void res.end("next");
        const { key, body } = await acceptUpload(req, { maxBytes: 10 ** 8 });
        const failure = await backend.put(key, body, { ifNoneMatch: "*" }).catch((error) => error);
        res.end(failure.code);
      });
      const url = `http://127.0.0.1:${await listening(server)}/`;
      const socket = await opened(portOf(url));
      const large = formOf(filePart("a.bin", Buffer.alloc(30_000_000)));
      const answered = once(socket, "data");
      socket.write(head(large.length));
      // No look at the answer before all is sent, as browsers do it.
      await new Promise((resolve) => socket.write(large, resolve));
      const [answer] = await answered;
      expect(String(answer)).toMatch(/PreconditionFailed$/);
      socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
      const [next] = await once(socket, "data", { signal: AbortSignal.timeout(10_000) });
      expect(String(next)).toMatch(/next$/);
      socket.destroy();
    },
  );

  test.each(backends)(
    "since a put to %s was stopped, does not wait for a client that is silent",
    async (_name, make) => {
      const backend = make({ secret });
      onTestFinished(() => backend.close());
      const stop = new AbortController();
      const put = vi.spyOn(backend, "put");
      const answer: RequestListener = async (req, res) => {
        try {
          await using upload = await acceptUpload(req, { maxBytes: 10 ** 7 });
          await backend.put(upload.key, upload.body, { signal: stop.signal });
        } catch (error) {
          res.end(StorageError.is(error) ? error.code : "other");
        }
      };
      const socket = await opened(await listening(createServer(answer)));
      socket.write(head(form.length));
      socket.write(form.subarray(0, 100_000));
      await vi.waitFor(() => expect(put).toHaveBeenCalledOnce());
      const answered = once(socket, "data");
      stop.abort();
      expect(String(await answered)).toMatch(/Aborted$/);
      socket.destroy();
    },
  );

  test("reaches the client as a refusal that the body ended with", async () => {
    const server = createServer(async (req, res) => {
      try {
        const { body } = await acceptUpload(req, { maxBytes: 1_000_000 });
        for await (const _chunk of body);
      } catch (error) {
        const request = { method: "POST", headers: { get: () => null } };
        const { status, headers, body } = errorAnswer(error, request);
        res.writeHead(status, headers).end(body);
      }
    });
    const url = `http://127.0.0.1:${await listening(server)}/`;
    expect((await send(url, [form])).json.error).toBe("TooLarge");
  });
});

test("256 MiB go through to files in little memory", { timeout: 60_000 }, async () => {
  const child = join(import.meta.dirname, "children/store-upload.ts");
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, ["--conditions=@storage/source", child, folder(), secret]);
  const { before, after, size } = JSON.parse(stdout);
  expect(size).toBe(256 * 1024 * 1024);
  expect(after - before).toBeLessThan(128 * 1024 * 1024);
});
