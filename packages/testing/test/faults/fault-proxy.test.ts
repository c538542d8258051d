import { once } from "node:events";
import { createServer as createHttpServer, type IncomingMessage, request } from "node:http";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { pipeline } from "node:stream/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { InvalidArgumentError } from "@storage/core";
import { describe, expect, onTestFinished, test } from "vitest";
import { FaultProxy } from "../../src/faults/index.ts";
import { brokenService, objectService, until } from "./object-service.ts";
import { rawAnswer, rawClient } from "./raw-client.ts";

/** A target that is a plain socket. */
async function socketTarget(take: (socket: Socket) => void): Promise<FaultProxy> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket.on("error", () => undefined));
    take(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const proxy = await FaultProxy.start({ target: `http://127.0.0.1:${port}` });
  onTestFinished(async () => {
    await proxy.close();
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return proxy;
}

const host = "Host: service\r\n";

describe("a request without a plan passes through byte for byte", () => {
  const requests = {
    "a GET": `GET /key HTTP/1.1\r\n${host}Connection: close\r\n\r\n`,
    "a chunked answer with trailers": `GET /key?chunked HTTP/1.1\r\n${host}TE: trailers\r\nConnection: close\r\n\r\n`,
    "a HEAD": `HEAD /key HTTP/1.1\r\n${host}Connection: close\r\n\r\n`,
    "a missing object": `GET /none HTTP/1.1\r\n${host}Connection: close\r\n\r\n`,
    "a PUT": `PUT /new HTTP/1.1\r\n${host}Content-Length: 5\r\nConnection: close\r\n\r\nhello`,
    "a chunked PUT": `PUT /new HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\nx-sum: 7\r\n\r\n`,
    "an answer of HTTP/1.0 that ends with its connection": `GET /key?chunked HTTP/1.0\r\n${host}\r\n`,
  };

  test.each(Object.entries(requests))("%s, as its answer", async (_, request) => {
    const { service, proxy } = await brokenService();
    const direct = await rawAnswer(service.url, request);
    expect(await rawAnswer(proxy.url, request)).toEqual(direct);
    expect(direct.text).toMatch(/^HTTP\/1\.1 (200|404)/);
    expect(proxy.requests).toHaveLength(1);
  });

  test.each(Object.entries(requests))("%s, as the target sees it", async (_, request) => {
    let seen = "";
    const proxy = await socketTarget((socket) => {
      socket.setEncoding("latin1").on("data", (text: unknown) => {
        seen += String(text);
        if (seen.length === request.length) socket.end("HTTP/1.1 204 No Content\r\n\r\n");
      });
    });
    expect(await rawAnswer(proxy.url, request)).toEqual({
      text: "HTTP/1.1 204 No Content\r\n\r\n",
      end: "end",
    });
    expect(seen).toBe(request);
  });

  test("in whatever pieces it comes", async () => {
    const { service, proxy } = await brokenService();
    const client = await rawClient(proxy.url);
    for (const byte of requests["a chunked PUT"]) {
      client.send(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await client.ended()).toBe("end");
    expect(String(service.objects.get("/new"))).toBe("hello");
    expect(proxy.requests[0]).toMatchObject({ method: "PUT", path: "/new", bodyBytes: 5, status: 200 });
  });

  test("in whatever pieces its answer comes, and a fault hits the same byte", async () => {
    const chunked =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nA;x=y\r\n0123456789\r\n2\r\nab\r\n0\r\nx: 1\r\n\r\n";
    const proxy = await socketTarget((socket) => {
      socket.on("data", async () => {
        for (const byte of chunked) {
          socket.write(byte);
          await new Promise((resolve) => setImmediate(resolve));
        }
      });
    });
    const client = await rawClient(proxy.url);
    proxy.plan({ kind: "flip", byte: 10 }, { nth: 2 });
    for (const expected of [chunked, chunked + chunked.replace("\nab", "\n`b")]) {
      client.send(`GET / HTTP/1.1\r\n${host}\r\n`);
      expect(await client.until((text) => text.length === expected.length)).toBe(expected);
    }
  });

  test("with a 100 that the client waits for", async () => {
    const { service, proxy } = await brokenService();
    const client = await rawClient(proxy.url);
    client.send(`PUT /new HTTP/1.1\r\n${host}Content-Length: 5\r\nExpect: 100-continue\r\n\r\n`);
    expect(await client.until((text) => text.includes("\r\n\r\n"))).toBe("HTTP/1.1 100 Continue\r\n\r\n");
    client.send("hello");
    expect(await client.until((text) => text.endsWith("stored"))).toContain("\r\n\r\nHTTP/1.1 200 OK\r\n");
    expect(String(service.objects.get("/new"))).toBe("hello");
    expect(proxy.requests).toMatchObject([{ bodyBytes: 5, status: 200 }]);
  });

  test("with early hints, and bytes that are no HTTP at all", async () => {
    const hints =
      "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    const answers = [hints, "SSH-2.0-OpenSSH_9.2\r\n"];
    const proxy = await socketTarget((socket) =>
      socket.once("data", () => socket.end(answers.shift() ?? "")),
    );
    for (const text of [...answers]) {
      expect(await rawAnswer(proxy.url, requests["a GET"])).toEqual({ text, end: "end" });
    }
    expect(proxy.requests.map(({ status }) => status)).toEqual([200, undefined]);
  });

  test("several on one connection, which the target sees as one", async () => {
    const { service, proxy } = await brokenService();
    const client = await rawClient(proxy.url);
    const put = `PUT /new HTTP/1.1\r\n${host}Content-Length: 5\r\n\r\nhello`;
    const head = `HEAD /new HTTP/1.1\r\n${host}\r\n`;
    const get = `GET /new HTTP/1.1\r\n${host}\r\n`;
    for (const round of [1, 2, 3]) {
      client.send(put + head + get);
      await client.until((text) => text.split("\r\n\r\nhello").length === round + 1);
    }
    const round = ["PUT /new", "HEAD /new", "GET /new"];
    expect(service.log).toEqual([...round, ...round, ...round]);
    expect(proxy.requests.map(({ method, path }) => `${method} ${path}`)).toEqual(service.log);
    expect([service.connections(), proxy.connections]).toEqual([1, 1]);
  });

  test("for a client that pools its connections", async () => {
    const { service, proxy } = await brokenService();
    const body = new Uint8Array(300_000).fill(7);
    for (let left = 20; left > 0; left--) {
      expect((await fetch(`${proxy.url}/new`, { method: "PUT", body })).status).toBe(200);
      const answer = await fetch(`${proxy.url}/new`);
      expect(new Uint8Array(await answer.arrayBuffer())).toEqual(body);
    }
    expect(proxy.requests).toHaveLength(40);
    expect(service.connections()).toBeLessThan(5);
  });
});

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Bytes of buffers that somebody still holds. */
function heldBytes(): number {
  collectGarbage();
  return process.memoryUsage().arrayBuffers;
}

describe("memory stays constant", () => {
  test("while a client does not read its answer", async () => {
    let sent = 0;
    const proxy = await socketTarget((socket) => {
      socket.once("data", () => {
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${2 ** 30}\r\n\r\n`);
        const more = (): void => {
          while (sent < 2 ** 30) {
            sent += 65_536;
            if (!socket.write(Buffer.alloc(65_536))) break;
          }
        };
        socket.on("drain", more);
        more();
      });
    });
    const client = await rawClient(proxy.url);
    client.socket.pause();
    client.send(`GET / HTTP/1.1\r\n${host}\r\n`);
    const memory = heldBytes();
    for (let last = -1; last !== sent; ) {
      last = sent;
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    // What lies in the buffers of the four ends in the kernel.
    expect(sent).toBeLessThan(64 * 2 ** 20);
    expect(heldBytes() - memory).toBeLessThan(32 * 2 ** 20);
  });

  test("while 256 MiB pass each way", async () => {
    const size = 256 * 2 ** 20;
    const mebibyte = new Uint8Array(2 ** 20);
    let received = 0;
    const server = createHttpServer(async (upload, response) => {
      for await (const chunk of upload) received += (chunk as Buffer).length;
      response.writeHead(200);
      for (let sent = 0; sent < size; sent += 2 ** 20) {
        if (!response.write(mebibyte)) await new Promise((resolve) => response.once("drain", resolve));
      }
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    await using proxy = await FaultProxy.start({ target: `http://127.0.0.1:${port}` });
    let most = 0;
    const look = (passed: number): void => {
      if (passed % (32 * 2 ** 20) === 0) most = Math.max(most, heldBytes());
    };
    async function* chunks(): AsyncGenerator<Uint8Array> {
      for (let sent = 0; sent < size; sent += mebibyte.length) {
        look(sent);
        yield mebibyte;
      }
    }
    const upload = request(proxy.url, { method: "PUT" });
    const [[answer]] = await Promise.all([
      once(upload, "response") as Promise<[IncomingMessage]>,
      pipeline(chunks, upload),
    ]);
    let read = 0;
    for await (const chunk of answer) {
      const bytes = (chunk as Buffer).length;
      for (let step = Math.ceil((read + 1) / 2 ** 25) * 2 ** 25; step <= read + bytes; step += 2 ** 25)
        look(step);
      read += bytes;
    }
    expect([received, read, proxy.requests[0]?.bodyBytes]).toEqual([size, size, size]);
    // A quarter of what passed: the collector frees some buffers only later.
    expect(most).toBeLessThan(128 * 2 ** 20);
  });
});

describe("who goes away is missed on the other side", () => {
  test("a target that closes an idle connection", async () => {
    const { service, proxy } = await brokenService();
    const client = await rawClient(proxy.url);
    client.send(`GET /none HTTP/1.1\r\n${host}\r\n`);
    await client.until((text) => text.includes("\r\n\r\n"));
    service.server.closeIdleConnections();
    expect(await client.ended()).toBe("end");
  });

  test("a target that resets, or ends early", async () => {
    const begin = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf";
    const ends = [(socket: Socket) => void socket.end(), (socket: Socket) => void socket.resetAndDestroy()];
    const proxy = await socketTarget((socket) => {
      socket.once("data", () => socket.write(begin, () => setTimeout(() => ends.shift()?.(socket), 50)));
    });
    const request = `GET / HTTP/1.1\r\n${host}\r\n`;
    expect(await rawAnswer(proxy.url, request)).toEqual({ text: begin, end: "end" });
    expect(await rawAnswer(proxy.url, request)).toEqual({ text: begin, end: "reset" });
  });

  test("a target that refuses an upload of which it reads nothing", async () => {
    const refusal = "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno";
    const ways = [
      { answer: refusal, later: 0, more: "" },
      { answer: refusal, later: 50, more: "" },
      { answer: refusal, later: 50, more: "Expect: 100-continue\r\n" },
      { answer: "HTTP/1.1 403 Forbidden\r\n\r\nno", later: 0, more: "" },
    ];
    for (const { answer, later, more } of ways) {
      const proxy = await socketTarget((socket) => {
        socket.once("data", () => {
          socket.pause().write(answer);
          if (later === 0) socket.end();
          else setTimeout(() => socket.end(), later);
        });
      });
      const upload = `PUT /new HTTP/1.1\r\n${host}${more}Content-Length: 1000\r\n\r\n`;
      expect(await rawAnswer(proxy.url, upload)).toEqual({ text: answer, end: "end" });
    }
  });

  test("a client that gives up, in its upload and while it waits for an answer", async () => {
    const { service, proxy } = await brokenService();
    const client = await rawClient(proxy.url);
    client.send(`PUT /new HTTP/1.1\r\n${host}Content-Length: 10\r\n\r\nhalf`);
    await until(() => proxy.requests[0]?.bodyBytes === 4);
    client.socket.destroy();
    await until(() => service.broken.length === 1);
    expect(service.objects.has("/new")).toBe(false);

    let closed = false;
    const impatience = new AbortController();
    const silent = await socketTarget((socket) => {
      socket
        .on("data", () => impatience.abort())
        .on("end", () => {
          closed = true;
        });
    });
    const aborted = fetch(silent.url, { signal: impatience.signal });
    await expect(aborted).rejects.toMatchObject({ name: "AbortError" });
    await until(() => closed);
  });

  test("a target where nobody listens is a 502, and requests that are none are a 400", async () => {
    const { service, proxy } = await brokenService();
    const bad = await rawAnswer(proxy.url, "\u0016\u0003\u0001 hello\r\n\r\n");
    expect(bad.text).toMatch(/^HTTP\/1\.1 400 /);
    expect(proxy.requests).toEqual([]);
    service.server.close();
    const answer = await fetch(proxy.url);
    expect([answer.status, await answer.text()]).toEqual([502, "FaultProxy: nobody listens at the target"]);
  });
});

describe("a proxy", () => {
  test("that is closed ends what is under way, and takes no more", async () => {
    const { proxy } = await brokenService();
    proxy.plan({ kind: "stall", at: "head" });
    const client = await rawClient(proxy.url);
    client.send(`GET /key HTTP/1.1\r\n${host}\r\n`);
    await until(() => proxy.requests.length === 1);
    const { url } = proxy;
    await proxy.close();
    await client.ended();
    await expect(fetch(url)).rejects.toThrow();
    await proxy.close();
  });

  test("that disconnects its clients makes them connect again", async () => {
    const { proxy } = await brokenService();
    const client = await rawClient(proxy.url);
    client.send(`GET /none HTTP/1.1\r\n${host}\r\n`);
    await client.until((text) => text.includes("\r\n\r\n"));
    proxy.disconnect();
    expect(await client.ended()).toBe("reset");
    expect((await fetch(`${proxy.url}/none`)).status).toBe(404);
    expect(proxy.connections).toBe(2);
  });

  test("listens on a port that was chosen, and says when that is taken", async () => {
    const service = await objectService();
    const first = await FaultProxy.start({ target: service.url });
    onTestFinished(() => first.close());
    const port = Number(new URL(first.url).port);
    await expect(FaultProxy.start({ target: service.url, port })).rejects.toMatchObject({
      code: "EADDRINUSE",
    });
  });

  test.each(["https://127.0.0.1:1", "127.0.0.1:9000", "http://127.0.0.1:1/path", ""])(
    "has no %j for a target",
    async (target) => {
      await expect(FaultProxy.start({ target })).rejects.toBeInstanceOf(InvalidArgumentError);
    },
  );
});
