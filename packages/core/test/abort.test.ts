import { getEventListeners } from "node:events";
import { Readable } from "node:stream";
import { Backend, type StorageBackend, type StorageData } from "@storage/core";
import { describe, expect, test } from "vitest";
import { failure } from "./expect-failure.ts";
import { MapDriver, pieces, ServiceFailure } from "./map-driver.ts";

const body = new TextEncoder().encode("0123456789");

/** Never answers, and lets go when its signal aborts, as clients of services do. */
function stalled(driver: MapDriver, method: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  driver.onRequest = ({ method: seen, call }) => {
    if (seen !== method) return;
    resolve();
    return new Promise((_, reject) => {
      call.signal.addEventListener("abort", () => reject(new ServiceFailure("Unavailable")));
    });
  };
  return promise;
}

const never = (): Promise<never> => new Promise(() => {});

const stallingSources: Record<string, () => { data: StorageData; freed(): boolean }> = {
  "a generator": () => {
    const data = (async function* () {
      yield body;
      await never();
    })();
    return { data, freed: () => true };
  },
  "an iterator by hand": () => {
    let freed = false;
    const left = [body];
    const iterator = {
      next: () => {
        const value = left.shift();
        return value ? Promise.resolve({ done: false as const, value }) : never();
      },
      return: async () => {
        freed = true;
        return { done: true as const, value: undefined };
      },
    };
    return { data: { [Symbol.asyncIterator]: () => iterator }, freed: () => freed };
  },
  "a web stream": () => {
    let freed = false;
    const data = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(body),
      pull: never,
      cancel: () => {
        freed = true;
      },
    });
    return { data, freed: () => freed };
  },
  "a Node stream": () => {
    const data = new Readable({ read() {} });
    data.push(body);
    return { data, freed: () => data.destroyed };
  },
};

describe("an abort while the source stalls", () => {
  test.each(Object.entries(stallingSources))("%s", async (_, make) => {
    const driver = new MapDriver();
    const backend = new Backend(driver);
    await backend.put("a", "before");
    const { data, freed } = make();
    const controller = new AbortController();
    const put = backend.put("a", data, { signal: controller.signal });
    setTimeout(() => controller.abort(new Error("enough")), 10);
    const error = await failure(put, "Aborted");
    expect(error.cause).toBe(controller.signal.reason);
    await new Promise((resolve) => setImmediate(resolve));
    expect(freed()).toBe(true);
    expect(await (await backend.open("a")).text()).toBe("before");
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
  });
});

const calls: Record<
  string,
  [method: string, run: (b: StorageBackend, signal: AbortSignal) => Promise<unknown>]
> = {
  put: ["write", (b, signal) => b.put("a", "x", { signal })],
  "put of a stream": ["write", (b, signal) => b.put("a", pieces(body), { signal })],
  get: ["read", (b, signal) => b.get("a", { signal })],
  open: ["read", (b, signal) => b.open("a", { signal })],
  delete: ["remove", (b, signal) => b.delete("a", { signal })],
  deleteMany: ["remove", (b, signal) => b.deleteMany(["a", "b"], { signal })],
  exists: ["head", (b, signal) => b.exists("a", { signal })],
  getMetadata: ["head", (b, signal) => b.getMetadata("a", { signal })],
  "copy, reading": ["read", (b, signal) => b.copy("a", "b", { signal })],
  "copy, writing": ["write", (b, signal) => b.copy("a", "b", { signal })],
  "move, removing": ["remove", (b, signal) => b.move("a", "b", { signal })],
  listKeys: ["list", (b, signal) => b.listKeys({ signal })],
  listPage: ["list", (b, signal) => b.listPage({ signal })],
  checkHealth: ["list", (b, signal) => b.checkHealth({ signal })],
};

describe.each(Object.entries(calls))("%s", (_, [method, run]) => {
  const changes = ["write", "remove"].includes(method);

  async function aborted(reason: unknown): Promise<{ promise: Promise<unknown>; driver: MapDriver }> {
    const driver = new MapDriver();
    const backend = new Backend(driver);
    await backend.put("a", body);
    const reached = stalled(driver, method);
    const controller = new AbortController();
    const promise = run(backend, controller.signal);
    promise.catch(() => {});
    await reached;
    controller.abort(reason);
    await promise.catch(() => {});
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
    return { promise, driver };
  }

  test("ends with AbortedError when it is aborted while the service stalls, and sends nothing more", async () => {
    const reason = new Error("enough");
    const { promise, driver } = await aborted(reason);
    const error = await failure(promise, "Aborted");
    expect(error).toMatchObject({ name: "AbortError", outcome: changes ? "unknown" : "not-applied" });
    if (!_.startsWith("move")) expect(error.cause).toBe(reason);
    const { length } = driver.requests;
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(driver.requests.length).toBe(length);
  });

  test("ends with TimeoutError for a reason of AbortSignal.timeout", async () => {
    const { promise } = await aborted(new DOMException("late", "TimeoutError"));
    expect((await failure(promise, "Timeout")).retryable).toBe(false);
  });
});

test("AbortSignal.timeout is a TimeoutError", async () => {
  const driver = new MapDriver();
  void stalled(driver, "write");
  await failure(new Backend(driver).put("a", "x", { signal: AbortSignal.timeout(10) }), "Timeout");
});

test("a driver that does not notice the abort is not waited for longer than two seconds", async () => {
  const driver = new MapDriver();
  driver.onRequest = never;
  const started = performance.now();
  await failure(new Backend(driver).get("a", { signal: AbortSignal.timeout(10) }), "Timeout");
  expect(performance.now() - started).toBeLessThan(3000);
});

test("an abort before the start sends nothing, and frees the source", async () => {
  const driver = new MapDriver();
  const source = new Readable({ read() {} });
  await failure(new Backend(driver).put("a", source, { signal: AbortSignal.abort() }), "Aborted");
  expect(source.destroyed).toBe(true);
  expect(driver.requests).toEqual([]);
});

test("a long-lived signal keeps no listener of any call", async () => {
  const { signal } = new AbortController();
  const driver = new MapDriver();
  const backend = new Backend(driver);
  for (let round = 0; round < 3; round++) {
    await backend.put("a", body, { signal });
    await backend.put("a", pieces(body), { signal });
    await backend.get("a", { signal });
    await (await backend.open("a", { signal })).text();
    await (await backend.open("a", { signal })).body.cancel();
    await using _ = await backend.open("a", { signal });
    await backend.copy("a", "b", { signal });
    await backend.move("b", "c", { signal });
    await backend.listKeys({ signal });
    for await (const _ of backend.list({ signal })) break;
    await failure(backend.get("missing", { signal }), "FileNotFound");
    await failure(backend.put("a//b", "x", { signal }), "InvalidKey");
    await backend.deleteMany(["c", "d"], { signal });
  }
  await new Promise((resolve) => setImmediate(resolve));
  expect(getEventListeners(signal, "abort")).toEqual([]);
});

test("an abort while a body is read ends the body with AbortedError", async () => {
  const driver = new MapDriver();
  const backend = new Backend(driver);
  await backend.put("a", body);
  let request: AbortSignal | undefined;
  driver.bodyOf = (bytes, { call }) => {
    request = call.signal;
    const stalling = new Promise<never>((_, reject) =>
      call.signal.addEventListener("abort", () => reject(call.signal.reason)),
    );
    stalling.catch(() => {});
    return {
      stream: (async function* () {
        yield bytes.slice(0, 3);
        await stalling;
      })(),
    };
  };
  for (const read of [
    (object: { bytes(): Promise<unknown> }) => object.bytes(),
    (object: { body: ReadableStream }) => new Response(object.body).arrayBuffer(),
  ]) {
    const controller = new AbortController();
    const object = await backend.open("a", { signal: controller.signal });
    const reading = read(object);
    setTimeout(() => controller.abort(), 5);
    await failure(reading, "Aborted");
    expect(request?.aborted).toBe(true);
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
  }
});

test("an abort frees an open body that nobody reads", async () => {
  const driver = new MapDriver();
  const backend = new Backend(driver);
  await backend.put("a", body);
  let request: AbortSignal | undefined;
  driver.bodyOf = (bytes, { call }) => {
    request = call.signal;
    return { stream: pieces(bytes) };
  };
  const controller = new AbortController();
  const object = await backend.open("a", { signal: controller.signal });
  controller.abort();
  expect(request?.aborted).toBe(true);
  await failure(object.bytes(), "Aborted");
  await backend.close();
});

test("an abort between the batches of deleteMany is an AbortedError, also while its keys stall", async () => {
  const backend = new Backend(new MapDriver());
  const controller = new AbortController();
  const keys = (async function* () {
    for (let index = 0; index < 1500; index++) yield `k${index}`;
    controller.abort();
    for (let index = 0; index < 1500; index++) yield `l${index}`;
  })();
  await failure(backend.deleteMany(keys, { signal: controller.signal }), "Aborted");
  const stalling = (async function* () {
    yield "a";
    await never();
  })();
  await failure(backend.deleteMany(stalling, { signal: AbortSignal.timeout(10) }), "Timeout");
});

test("an abort while waiting for a slot sends nothing", async () => {
  const driver = new MapDriver();
  const backend = new Backend(driver, { maxConcurrency: 1 });
  const gate = Promise.withResolvers<void>();
  driver.onRequest = () => gate.promise;
  const first = backend.exists("a");
  const controller = new AbortController();
  const second = backend.put("b", "x", { signal: controller.signal });
  setTimeout(() => controller.abort(), 5);
  expect((await failure(second, "Aborted")).outcome).toBe("not-applied");
  gate.resolve();
  expect(await first).toBe(false);
  expect(driver.requests.length).toBe(1);
  expect(await backend.exists("c")).toBe(false);
});
