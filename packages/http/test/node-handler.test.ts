import { once } from "node:events";
import { createServer, request as httpRequest, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { describe, expect, test, vi } from "vitest";
import type { HttpHandler } from "../src/index.ts";
import { toNodeHandler } from "../src/index.ts";
import { backends, listening, pattern, raw, site } from "./site.ts";

async function serve(handler: HttpHandler): Promise<string> {
  return `http://127.0.0.1:${await listening(createServer(toNodeHandler(handler)))}/`;
}

/** Endless, and counts what is taken of it. */
function endless() {
  const state = { taken: 0, cancelled: false };
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      pull: (controller) => {
        state.taken += 65_536;
        controller.enqueue(pattern(65_536));
      },
      cancel: () => {
        state.cancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  return { state, body };
}

async function begin(url: string): Promise<IncomingMessage> {
  const request = httpRequest(url).on("error", () => {});
  request.end();
  const [response] = await once(request, "response");
  return response.on("error", () => {});
}

describe("a body that is streamed", () => {
  test("goes no faster than the client reads", async () => {
    const { state, body } = endless();
    const response = await begin(await serve(async () => ({ status: 200, headers: {}, body })));
    await new Promise((resolve) => setTimeout(resolve, 300));
    const { taken } = state;
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(state.taken).toBe(taken);
    expect(taken).toBeLessThan(32 * 1024 * 1024);
    response.destroy();
  });

  test("is cancelled when the client goes away, also while the storage is silent", async () => {
    let cancelled = false;
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start: (controller) => controller.enqueue(pattern(10)),
      pull: () => new Promise(() => {}),
      cancel: () => {
        cancelled = true;
      },
    });
    const response = await begin(await serve(async () => ({ status: 200, headers: {}, body })));
    await once(response, "data");
    response.destroy();
    await vi.waitFor(() => expect(cancelled).toBe(true));
  });

  test("is cancelled when the client went away before the answer was there", async () => {
    const { state, body } = endless();
    const handler: HttpHandler = ({ signal }) =>
      new Promise((resolve) => {
        signal.addEventListener("abort", () => setTimeout(resolve, 10, { status: 200, headers: {}, body }));
      });
    const request = httpRequest(await serve(handler)).on("error", () => {});
    request.end();
    await once(request, "socket");
    setTimeout(() => request.destroy(), 50);
    await vi.waitFor(() => expect(state.cancelled).toBe(true));
  });
});

test("the signal aborts when the client goes away, and not when it was served", async () => {
  const signals: AbortSignal[] = [];
  const url = await serve(({ signal, url: path }) => {
    signals.push(signal);
    if (path === "/served") return Promise.resolve({ status: 200, headers: {}, body: "hello" });
    return new Promise(() => {});
  });
  await raw(`${url}served`);
  const request = httpRequest(`${url}kept`).on("error", () => {});
  request.end();
  await vi.waitFor(() => expect(signals.length).toBe(2));
  request.destroy();
  await vi.waitFor(() => expect(signals[1]?.aborted).toBe(true));
  expect(signals[0]?.aborted).toBe(false);
});

test.each(backends)(
  "%s: a client that goes away in the middle of a file frees it at once",
  async (_name, make) => {
    const { backend } = await site({}, make);
    await backend.put("a.bin", pattern(32 * 1024 * 1024));
    const response = await begin(await backend.getUrl("a.bin"));
    await once(response, "data");
    response.destroy();
    const closing = performance.now();
    await backend.close({ timeout: 60_000 }); // waits for a file that is still open
    expect(performance.now() - closing).toBeLessThan(1000);
  },
);

test("what a router cut off the path is put back", async () => {
  const seen: string[] = [];
  const handle = toNodeHandler(async ({ url }) => {
    seen.push(url);
    return { status: 204, headers: {} };
  });
  const server = createServer((req, res) => {
    handle(Object.assign(req, { originalUrl: req.url, url: "/cut" }), res);
  });
  await raw(`http://127.0.0.1:${await listening(server)}/files/a%2Fb?c=d`);
  expect(seen).toEqual(["/files/a%2Fb?c=d"]);
});

test("a handler that fails ends the connection, and not the server", async () => {
  const url = await serve(async () => {
    throw new Error("broken");
  });
  await expect(raw(url)).rejects.toThrow();
  await expect(raw(url)).rejects.toThrow();
});

test("a connection is kept for the next request once a body was read", async () => {
  const { backend, port } = await site();
  const upload = await backend.getUploadUrl("a.bin");
  const path = upload.url.slice(upload.url.indexOf("/files"));
  const socket = connect(port, "127.0.0.1");
  const head = `PUT ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/octet-stream\r\nContent-Length: 5\r\n\r\n`;
  for (const body of ["12345", "67890"]) {
    socket.write(head);
    await new Promise((resolve) => setTimeout(resolve, 20));
    socket.write(body);
    const [answer] = await once(socket, "data");
    expect(String(answer)).toMatch(/^HTTP\/1.1 201 .*Connection: keep-alive/s);
  }
  socket.destroy();
});
