import { describe, expect, test } from "vitest";
import { brokenService, until } from "./object-service.ts";
import { type RawClient, rawAnswer, rawClient } from "./raw-client.ts";

const get = "GET /key HTTP/1.1\r\nHost: service\r\n\r\n";
const getChunked = "GET /key?chunked HTTP/1.1\r\nHost: service\r\n\r\n";
const put = "PUT /new HTTP/1.1\r\nHost: service\r\nContent-Length: 10\r\n\r\n0123456789";

/** What came of the answer's body. */
function bodyOf(text: string): string {
  return text.slice(text.indexOf("\r\n\r\n") + 4);
}

/** Still open, and silent, a while later. */
async function isSilent(client: RawClient): Promise<boolean> {
  const before = client.text.length;
  await new Promise((resolve) => setTimeout(resolve, 200));
  return client.end === undefined && client.text.length === before;
}

describe.each(["reset", "end"] as const)("a connection ends by %s", (kind) => {
  test("when it is made", async () => {
    const { service, proxy } = await brokenService();
    proxy.plan({ kind, at: "connect" });
    const client = await rawClient(proxy.url);
    expect([await client.ended(), client.text]).toEqual([kind, ""]);
    expect([proxy.requests.length, service.connections()]).toEqual([0, 0]);
    expect((await rawAnswer(proxy.url, get.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"))).end).toBe(
      "end",
    );
  });

  test("before the head of the answer, and the request has no effect", async () => {
    const { service, proxy } = await brokenService();
    proxy.plan({ kind, at: "head" }, { times: 2 });
    expect(await rawAnswer(proxy.url, put)).toEqual({ text: "", end: kind });
    await expect(fetch(`${proxy.url}/new`, { method: "PUT", body: "body" })).rejects.toThrow("fetch failed");
    expect([service.log, service.objects.has("/new")]).toEqual([[], false]);
    expect(proxy.requests).toMatchObject([{ bodyBytes: 10 }, { bodyBytes: 4 }]);
    expect(proxy.requests[0]).not.toHaveProperty("status");
  });

  test("after so many bytes of the body, or a share of it", async () => {
    const { proxy } = await brokenService();
    const points = [
      [{ bytes: 0 }, 0],
      [{ bytes: 1 }, 1],
      [{ bytes: 4321 }, 4321],
      [{ share: 0.5 }, 5000],
      [{ share: 1 }, 10_000],
      [{ bytes: 20_000 }, 10_000],
    ] as const;
    for (const [at, length] of points) {
      proxy.plan({ kind, at });
      const { text, end } = await rawAnswer(proxy.url, get);
      expect([bodyOf(text), end]).toEqual(["0123456789".repeat(1000).slice(0, length), kind]);
      expect(text).toContain("content-length: 10000\r\n");
    }
  });

  test("inside of a chunked body", async () => {
    const { proxy } = await brokenService();
    proxy.plan({ kind, at: { bytes: 1500 } });
    const { text, end } = await rawAnswer(proxy.url, getChunked);
    const data = "0123456789".repeat(100);
    expect([bodyOf(text), end]).toEqual([`3e8\r\n${data}\r\n3e8\r\n${data.slice(0, 500)}`, kind]);
  });

  test("inside of the upload, of which the target sees just that much", async () => {
    const { service, proxy } = await brokenService();
    proxy.plan({ kind, at: { upload: 4 } });
    expect(await rawAnswer(proxy.url, put)).toEqual({ text: "", end: kind });
    await until(() => service.broken.length === 1);
    expect([service.objects.has("/new"), proxy.requests[0]?.bodyBytes]).toEqual([false, 4]);
  });

  test("and the target is not asked for the rest", async () => {
    const { service, proxy } = await brokenService();
    service.objects.set("/big", Buffer.alloc(64 * 2 ** 20));
    proxy.plan({ kind, at: { bytes: 10 } });
    expect((await rawAnswer(proxy.url, get.replace("/key", "/big"))).end).toBe(kind);
    await until(() => service.unfinished.length === 1);
  });

  test("for a fetch that reads its body", async () => {
    const { proxy } = await brokenService();
    proxy.plan({ kind, at: { share: 0.5 } });
    const answer = await fetch(`${proxy.url}/key`);
    await expect(answer.text()).rejects.toThrow("terminated");
    expect(await (await fetch(`${proxy.url}/key`)).text()).toHaveLength(10_000);
  });
});

describe("an exchange stalls", () => {
  test("when the connection is made: nothing is read", async () => {
    const { proxy } = await brokenService();
    proxy.plan({ kind: "stall", at: "connect" });
    const client = await rawClient(proxy.url);
    client.send(get);
    expect(await isSilent(client)).toBe(true);
    expect([client.text, proxy.requests.length, proxy.connections]).toEqual(["", 0, 1]);
  });

  test("before the head of the answer, and the request has no effect", async () => {
    const { service, proxy } = await brokenService();
    proxy.plan({ kind: "stall", at: "head" });
    const client = await rawClient(proxy.url);
    client.send(put);
    await until(() => proxy.requests[0]?.bodyBytes === 10);
    expect(await isSilent(client)).toBe(true);
    expect([client.text, service.log, service.connections()]).toEqual(["", [], 0]);
  });

  test("although the target closes the connection that it had from an earlier request", async () => {
    const { service, proxy } = await brokenService();
    const client = await rawClient(proxy.url);
    client.send(get);
    await client.until((text) => bodyOf(text).length === 10_000);
    proxy.plan({ kind: "stall", at: "head" });
    client.send(get);
    await until(() => proxy.requests.length === 2);
    service.server.closeIdleConnections();
    expect(await isSilent(client)).toBe(true);
  });

  test("inside of the body", async () => {
    const { proxy } = await brokenService();
    proxy.plan({ kind: "stall", at: { bytes: 777 } });
    const client = await rawClient(proxy.url);
    client.send(get);
    await client.until((text) => bodyOf(text).length === 777);
    expect(await isSilent(client)).toBe(true);
  });

  test("inside of the upload, of which no more is read", async () => {
    const { service, proxy } = await brokenService();
    proxy.plan({ kind: "stall", at: { upload: 1_000_000 } });
    const client = await rawClient(proxy.url);
    const size = 256 * 2 ** 20;
    client.send(`PUT /new HTTP/1.1\r\nHost: service\r\nContent-Length: ${size}\r\n\r\n`);
    client.socket.write(Buffer.alloc(size));
    await until(() => proxy.requests[0]?.bodyBytes === 1_000_000);
    expect(await isSilent(client)).toBe(true);
    expect(client.socket.writableLength).toBeGreaterThan(0);
    expect([proxy.requests[0]?.bodyBytes, service.log]).toEqual([1_000_000, []]);
  });

  test("inside of an upload that waits for a 100", async () => {
    const { proxy } = await brokenService();
    proxy.plan({ kind: "stall", at: { upload: 2 } });
    const client = await rawClient(proxy.url);
    client.send("PUT /new HTTP/1.1\r\nHost: service\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    await client.until((text) => text.startsWith("HTTP/1.1 100 Continue"));
    client.send("hello");
    await until(() => proxy.requests[0]?.bodyBytes === 2);
    expect(await isSilent(client)).toBe(true);
  });

  test("and other connections do not wait for it", async () => {
    const { proxy } = await brokenService();
    proxy.plan({ kind: "stall", at: "head" });
    const client = await rawClient(proxy.url);
    client.send(get);
    await until(() => proxy.requests.length === 1);
    expect((await fetch(`${proxy.url}/key`)).status).toBe(200);
    expect(client.text).toBe("");
  });
});

test("whose client gives up in a stall is ended at the target too", async () => {
  const { service, proxy } = await brokenService();
  proxy.plan({ kind: "stall", at: { bytes: 1 } });
  let closed = 0;
  service.server.on("connection", (socket) => socket.on("close", () => closed++));
  const client = await rawClient(proxy.url);
  client.send(get);
  await client.until((text) => bodyOf(text).length === 1);
  client.socket.destroy();
  await until(() => closed === 1);
});
