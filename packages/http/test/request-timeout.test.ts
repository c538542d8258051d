import { createServer, type Server } from "node:http";
import { connect } from "node:net";
import { MemoryBackend } from "@storage/memory";
import { expect, onTestFinished, test } from "vitest";
import { AppStorage } from "../src/index.ts";
import { listening, secret } from "./site.ts";

/** A server with a storage that gives requests this long; Node looks each 20 ms. */
async function limited(requestTimeout: number, prepare: (server: Server) => void = () => {}) {
  const server = createServer({ connectionsCheckingInterval: 20, keepAliveTimeout: 1 });
  prepare(server);
  const port = await listening(server);
  const backend = new MemoryBackend({ baseUrl: `http://127.0.0.1:${port}/files`, secret });
  onTestFinished(() => backend.close());
  const storage = new AppStorage();
  const detect = () => Promise.reject(new Error("a backend was given"));
  await storage.install({ backend, serveFiles: true, requestTimeout }, { detect });
  server.on("request", (req, res) => {
    if (storage.takes(req, res)) return;
    if (req.url === "/begun") res.writeHead(200, { "content-length": 10 }).write("12345");
  });
  return { server, port, backend, storage };
}

/** All that the server says to these bytes, until it closes. */
function saidTo(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, "127.0.0.1", () => socket.write(text));
    socket.on("data", (chunk) => chunks.push(chunk)).on("error", () => {});
    socket.on("close", () => resolve(Buffer.concat(chunks).toString()));
  });
}

const upload = async (backend: MemoryBackend): Promise<string> => {
  const { url } = await backend.getUploadUrl("slow.bin");
  const { pathname, search } = new URL(url);
  return `PUT ${pathname}${search} HTTP/1.1\r\nHost: a\r\nContent-Type: application/octet-stream\r\nContent-Length: 1000\r\n\r\n12345`;
};

test("a slow upload that outlives the limit is told so, and nothing is stored", async () => {
  const { port, backend } = await limited(100);
  const said = await saidTo(port, await upload(backend));
  const [head = "", body = ""] = said.split("\r\n\r\n");
  expect(head.split("\r\n")).toEqual([
    "HTTP/1.1 408 Request Timeout",
    "Content-Type: application/json",
    `Content-Length: ${body.length}`,
    "Connection: close",
  ]);
  expect(JSON.parse(body)).toEqual({
    error: "Timeout",
    message:
      "The request took longer than the second that this server allows: nothing was stored. Please try again on a faster connection, or with a smaller file.",
  });
  expect(await backend.listKeys()).toEqual([]);
});

test("the limit says minutes where it is that long", async () => {
  const { server, port, backend } = await limited(1_800_000);
  const begun = await upload(backend);
  const answered = new Promise<string>((resolve) => {
    const socket = connect(port, "127.0.0.1");
    server.once("request", () => {
      server.emit("clientError", Object.assign(new Error(), { code: "ERR_HTTP_REQUEST_TIMEOUT" }), peer);
    });
    const chunks: Buffer[] = [];
    let peer = socket;
    server.once("connection", (accepted) => {
      peer = accepted;
    });
    socket.on("data", (chunk) => chunks.push(chunk)).on("error", () => {});
    socket.on("close", () => resolve(Buffer.concat(chunks).toString()));
    socket.write(begun);
  });
  expect(await answered).toContain("longer than the 30 minutes that this server allows");
});

test("an answer that has begun is broken off, and no other is put into it", async () => {
  const { port } = await limited(100);
  const said = await saidTo(port, "POST /begun HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n12345");
  expect(said.startsWith("HTTP/1.1 200 OK")).toBe(true);
  expect(said.endsWith("12345")).toBe(true);
});

test.each<[string, string, string]>([
  ["malformed", "no request at all\r\n\r\n", "400 Bad Request"],
  [
    "with too much in its head",
    `GET / HTTP/1.1\r\nX: ${"x".repeat(20_000)}\r\n\r\n`,
    "431 Request Header Fields Too Large",
  ],
  [
    "with chunks that say too much",
    `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;${"x".repeat(20_000)}\r\n12345\r\n`,
    "413 Payload Too Large",
  ],
])("a request that is %s is answered as Node does", async (_what, text, status) => {
  const { port } = await limited(100_000);
  await (await fetch(`http://127.0.0.1:${port}/_ops/health`)).text();
  const bare = createServer(() => {});
  const [ours, nodes] = [await saidTo(port, text), await saidTo(await listening(bare), text)];
  expect(ours.split("\r\n")[0]).toBe(`HTTP/1.1 ${status}`);
  expect(ours).toBe(nodes);
});

test("a server that listens for clients' errors says what it says, and has the limit", async () => {
  const { port, backend, server } = await limited(100, (made) => {
    made.on("clientError", (_error, socket) => socket.end("HTTP/1.1 418 I'm a Teapot\r\n\r\n"));
  });
  expect(await saidTo(port, await upload(backend))).toBe("HTTP/1.1 418 I'm a Teapot\r\n\r\n");
  expect([server.requestTimeout, server.listenerCount("clientError")]).toEqual([100, 1]);
});

test("the limit of a replacement holds for servers that are there; 0 is none", async () => {
  const { port, backend, storage, server } = await limited(1_000_000);
  await fetch(`http://127.0.0.1:${port}/_ops/health`);
  expect(server.requestTimeout).toBe(1_000_000);
  const detect = () => Promise.reject(new Error("a backend was given"));
  await storage.install({ backend, requestTimeout: 0 }, { detect });
  expect([server.requestTimeout, server.headersTimeout]).toEqual([0, 60_000]);
  expect(server.listenerCount("clientError")).toBe(1);
});
