import { describe, expect, test } from "vitest";
import { brokenService, until } from "./object-service.ts";
import { rawAnswer, rawClient } from "./raw-client.ts";

const whole = "0123456789".repeat(1000);

describe("an answer that is not the target's", () => {
  test.each([503, 429, 408, 500, 418])(
    "has the status %i, and the request is not passed on",
    async (status) => {
      const { service, proxy } = await brokenService();
      proxy.plan({ kind: "answer", status, retryAfter: 2, headers: { "x-id": "7" }, body: "<Error/>" });
      const answer = await fetch(`${proxy.url}/new`, { method: "PUT", body: "body" });
      expect([answer.status, answer.headers.get("retry-after"), answer.headers.get("x-id")]).toEqual([
        status,
        "2",
        "7",
      ]);
      expect(await answer.text()).toBe("<Error/>");
      expect(service.log).toEqual([]);
      expect(proxy.requests).toMatchObject([{ method: "PUT", path: "/new", bodyBytes: 4, status }]);
    },
  );

  test("has no Retry-After and no body unless they are asked for", async () => {
    const { proxy } = await brokenService();
    proxy.plan({ kind: "answer", status: 503 });
    const client = await rawClient(proxy.url);
    client.send("GET /key HTTP/1.1\r\nHost: service\r\n\r\n");
    const text = await client.until((so) => so.endsWith("\r\n\r\n"));
    expect(text).toBe("HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n");
  });

  test("keeps the connection for the next request", async () => {
    const { service, proxy } = await brokenService();
    proxy.plan({ kind: "answer", status: 503, body: "busy" });
    const client = await rawClient(proxy.url);
    client.send("PUT /new HTTP/1.1\r\nHost: service\r\nContent-Length: 4\r\n\r\nbody");
    await client.until((text) => text.endsWith("busy"));
    client.send("HEAD /key HTTP/1.1\r\nHost: service\r\n\r\n");
    expect(await client.until((text) => text.includes("200 OK") && text.endsWith("\r\n\r\n"))).toContain(
      "content-length: 10000",
    );
    expect([proxy.connections, service.log]).toEqual([1, ["HEAD /key"]]);
  });

  test("to a HEAD has no body, though a length", async () => {
    const { proxy } = await brokenService();
    proxy.plan({ kind: "answer", status: 404, body: "none" });
    const { text, end } = await rawAnswer(
      proxy.url,
      "HEAD /key HTTP/1.1\r\nHost: service\r\nConnection: close\r\n\r\n",
    );
    expect([text.endsWith("\r\n\r\n"), text.includes("content-length: 4"), end]).toEqual([true, true, "end"]);
  });

  test("comes before the body to who waits for a 100", async () => {
    const { proxy } = await brokenService();
    proxy.plan({ kind: "answer", status: 503 });
    const request = "PUT /new HTTP/1.1\r\nHost: service\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n";
    const { text, end } = await rawAnswer(proxy.url, request);
    expect(text).toBe("HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    expect([end, proxy.requests[0]?.bodyBytes]).toEqual(["end", 0]);
  });

  test("is a 200 with an error in its body, before or after the request took effect", async () => {
    const { service, proxy } = await brokenService();
    const fault = { kind: "answer", status: 200, body: "<Error><Code>InternalError</Code></Error>" } as const;
    proxy.plan(fault);
    proxy.plan({ ...fault, passOn: true });
    for (const stored of [false, true]) {
      const answer = await fetch(`${proxy.url}/new`, { method: "PUT", body: "body" });
      expect([answer.status, await answer.text()]).toEqual([200, fault.body]);
      expect(service.objects.has("/new")).toBe(stored);
    }
  });

  test.each([301, 302, 307, 308] as const)("is a redirect %i, with a Location or without", async (status) => {
    const { service, proxy } = await brokenService();
    proxy.plan({ kind: "redirect", status, location: `${service.url}/key` });
    proxy.plan({ kind: "redirect", status });
    for (const location of [`${service.url}/key`, null]) {
      const answer = await fetch(`${proxy.url}/key`, { redirect: "manual" });
      expect([answer.status, answer.headers.get("location")]).toEqual([status, location]);
    }
    expect(service.log).toEqual([]);
    proxy.plan({ kind: "redirect", status, location: `${service.url}/key` });
    expect(await (await fetch(`${proxy.url}/other`)).text()).toBe(whole);
  });

  test("is garbage, of our own or as it was given", async () => {
    const { service, proxy } = await brokenService();
    proxy.plan({ kind: "garbage" });
    await expect(fetch(`${proxy.url}/key`)).rejects.toThrow("fetch failed");
    proxy.plan({ kind: "garbage", bytes: Buffer.from("220 mail ready\r\n") });
    const answer = await rawAnswer(proxy.url, "GET /key HTTP/1.1\r\nHost: service\r\n\r\n");
    expect(answer).toEqual({ text: "220 mail ready\r\n", end: "end" });
    expect(service.log).toEqual([]);
  });
});

describe("a lost reply", () => {
  test.each(["reset", "end"] as const)("ends by %s, and the request took effect", async (by) => {
    const { service, proxy } = await brokenService();
    proxy.plan({ kind: "lost-reply", by });
    const request = "PUT /new HTTP/1.1\r\nHost: service\r\nContent-Length: 4\r\n\r\nbody";
    expect(await rawAnswer(proxy.url, request)).toEqual({ text: "", end: by });
    expect([service.log, String(service.objects.get("/new"))]).toEqual([["PUT /new"], "body"]);
    expect(proxy.requests[0]?.status).toBeUndefined();
  });

  test("is a reset by default, for a fetch too, which may then ask again", async () => {
    const { service, proxy } = await brokenService();
    proxy.plan({ kind: "lost-reply" });
    await expect(fetch(`${proxy.url}/new`, { method: "PUT", body: "body" })).rejects.toMatchObject({
      cause: { code: expect.stringMatching(/ECONNRESET|UND_ERR_SOCKET/) },
    });
    expect(await (await fetch(`${proxy.url}/new`)).text()).toBe("body");
    expect(service.log).toEqual(["PUT /new", "GET /new"]);
  });

  test("may never come", async () => {
    const { service, proxy } = await brokenService();
    proxy.plan({ kind: "lost-reply", by: "stall" });
    const impatience = new AbortController();
    const { signal } = impatience;
    const put = fetch(`${proxy.url}/new`, { method: "PUT", body: "body", signal });
    await until(() => service.log.length === 1);
    setTimeout(() => impatience.abort(), 200);
    await expect(put).rejects.toMatchObject({ name: "AbortError" });
    expect(String(service.objects.get("/new"))).toBe("body");
  });
});

describe("a body", () => {
  test("drips, and arrives whole", async () => {
    const { proxy } = await brokenService();
    proxy.plan({ kind: "drip", bytes: 1000, every: 20 });
    const started = performance.now();
    const answer = await fetch(`${proxy.url}/key`);
    let reads = 0;
    let text = "";
    for await (const chunk of answer.body ?? []) {
      reads++;
      text += new TextDecoder().decode(chunk);
    }
    expect(text).toBe(whole);
    expect(reads).toBeGreaterThan(3);
    expect(performance.now() - started).toBeGreaterThan(150);
  });

  test("that drips is dropped when its client goes", async () => {
    const { service, proxy } = await brokenService();
    let closed = 0;
    service.server.on("connection", (socket) => socket.on("close", () => closed++));
    proxy.plan({ kind: "drip", bytes: 1, every: 5 });
    const answer = await fetch(`${proxy.url}/key`);
    await answer.body?.cancel();
    await until(() => closed === 1);
  });

  test.each([undefined, 1, 4000, 20_000])("is truncated by %s bytes: its length says more", async (bytes) => {
    const { proxy } = await brokenService();
    proxy.plan({ kind: "truncate", bytes });
    const { text, end } = await rawAnswer(proxy.url, "GET /key HTTP/1.1\r\nHost: service\r\n\r\n");
    const expected = whole.slice(0, Math.max(0, 10_000 - (bytes ?? 1)));
    expect([text.slice(text.indexOf("\r\n\r\n") + 4), end]).toEqual([expected, "end"]);
    expect(text).toContain("content-length: 10000\r\n");
  });

  test("that is chunked and truncated lacks the mark of its end", async () => {
    const { proxy } = await brokenService();
    const request = "GET /key?chunked HTTP/1.1\r\nHost: service\r\n\r\n";
    proxy.plan({ kind: "truncate" });
    const { text, end } = await rawAnswer(proxy.url, request);
    expect([text.endsWith("6789\r\n"), end]).toEqual([true, "end"]);
    proxy.plan({ kind: "truncate" });
    await expect((await fetch(`${proxy.url}/key?chunked`)).text()).rejects.toThrow("terminated");
  });

  test("has one bit that is another", async () => {
    const { proxy } = await brokenService();
    const flips = [
      [0, undefined, 1],
      [5432, 3, 8],
      [9999, 7, 128],
    ] as const;
    for (const [byte, bit, change] of flips) {
      for (const path of ["/key", "/key?chunked"]) {
        proxy.plan({ kind: "flip", byte, bit });
        const body = new Uint8Array(await (await fetch(proxy.url + path)).arrayBuffer());
        const expected = new Uint8Array(Buffer.from(whole));
        expected[byte] = (expected[byte] ?? 0) ^ change;
        expect(body).toEqual(expected);
      }
    }
  });

  test("that is too short for a flip arrives as it is", async () => {
    const { proxy } = await brokenService();
    proxy.plan({ kind: "flip", byte: 10_000 });
    expect(await (await fetch(`${proxy.url}/key`)).text()).toBe(whole);
  });
});
