import { InvalidArgumentError } from "@storage/core";
import { describe, expect, test } from "vitest";
import type { Fault } from "../../src/faults/index.ts";
import { brokenService } from "./object-service.ts";

const unavailable: Fault = { kind: "answer", status: 503 };
const busy: Fault = { kind: "answer", status: 429 };

async function statuses(url: string, ...paths: readonly string[]): Promise<number[]> {
  const all: number[] = [];
  for (const path of paths) {
    const [method = "", at] = path.startsWith("/") ? ["GET", path] : path.split(" ");
    const answer = await fetch(url + at, { method, headers: { "x-for": "test" } });
    await answer.arrayBuffer();
    all.push(answer.status);
  }
  return all;
}

describe("a plan", () => {
  test("is for the next request, once", async () => {
    const { service, proxy } = await brokenService();
    const plan = proxy.plan(unavailable);
    expect(await statuses(proxy.url, "/key", "/key")).toEqual([503, 200]);
    expect(plan).toMatchObject({ fault: unavailable, met: 1 });
    expect(service.log).toEqual(["GET /key"]);
    expect(proxy.requests.map(({ fault, status }) => [fault, status])).toEqual([
      [unavailable, 503],
      [undefined, 200],
    ]);
  });

  test("is for the nth request from now on", async () => {
    const { proxy } = await brokenService();
    await statuses(proxy.url, "/key");
    proxy.plan(unavailable, { nth: 2 });
    expect(await statuses(proxy.url, "/key", "/key", "/key")).toEqual([200, 503, 200]);
  });

  test("is met so many times, or for ever until it is cancelled", async () => {
    const { proxy } = await brokenService();
    proxy.plan(unavailable, { times: 2, nth: 2 });
    expect(await statuses(proxy.url, "/key", "/key", "/key", "/key")).toEqual([200, 503, 503, 200]);
    const plan = proxy.plan(busy, { times: Infinity });
    expect(await statuses(proxy.url, "/key", "/key", "/key")).toEqual([429, 429, 429]);
    plan.cancel();
    expect(await statuses(proxy.url, "/key")).toEqual([200]);
    expect(plan.met).toBe(3);
  });

  test("is for requests that its predicate takes: by method, path or headers", async () => {
    const { proxy } = await brokenService();
    proxy.plan(unavailable, { match: ({ method, path }) => method === "HEAD" && path === "/key" });
    proxy.plan(busy, {
      match: ({ path, headers }) => path === "/none" && headers["x-for"] === "test",
      nth: 2,
    });
    const paths = ["/key", "HEAD /none", "HEAD /key", "/none", "HEAD /key"];
    expect(await statuses(proxy.url, ...paths)).toEqual([200, 404, 503, 429, 200]);
  });

  test("waits while an earlier one is met: plans make a sequence", async () => {
    const { proxy } = await brokenService();
    proxy.plan(unavailable);
    proxy.plan(busy);
    proxy.plan({ kind: "answer", status: 500 }, { nth: 4 });
    expect(await statuses(proxy.url, "/key", "/key", "/key", "/key")).toEqual([503, 429, 200, 500]);
  });

  test("at connect is for connections", async () => {
    const { proxy } = await brokenService();
    const plan = proxy.plan({ kind: "reset", at: "connect" }, { nth: 2 });
    const close = { headers: { connection: "close" } };
    expect((await fetch(`${proxy.url}/key`, close)).status).toBe(200);
    await expect(fetch(`${proxy.url}/key`, close)).rejects.toThrow();
    expect((await fetch(`${proxy.url}/key`, close)).status).toBe(200);
    expect([plan.met, proxy.connections, proxy.requests.length]).toEqual([1, 3, 2]);
  });

  const wrong = {
    "an unknown kind": { kind: "resett", at: "head" },
    "an unknown point": { kind: "reset", at: "body" },
    "a share above 1": { kind: "end", at: { share: 50 } },
    "a negative number of bytes": { kind: "stall", at: { bytes: -1 } },
    "a bit that is none": { kind: "flip", byte: 0, bit: 8 },
    "drops of nothing": { kind: "drip", bytes: 0, every: 1 },
    "a status that ends nothing": { kind: "answer", status: 100 },
    "a redirect that is none": { kind: "redirect", status: 300 },
    "nothing missing": { kind: "truncate", bytes: 0 },
  };

  test.each(Object.entries(wrong))("of %s is refused, so that no test is green by it", async (_, fault) => {
    const { proxy } = await brokenService();
    expect(() => proxy.plan(fault as Fault)).toThrow(InvalidArgumentError);
  });

  test("with terms that nobody could meet is refused", async () => {
    const { proxy } = await brokenService();
    for (const terms of [{ nth: 0 }, { nth: 1.5 }, { times: 0 }, { times: Number.NaN }]) {
      expect(() => proxy.plan(unavailable, terms)).toThrow(InvalidArgumentError);
    }
    const match = (): boolean => true;
    expect(() => proxy.plan({ kind: "end", at: "connect" }, { match })).toThrow(InvalidArgumentError);
  });
});
