import { Readable } from "node:stream";
import { Backend, type StorageEvent } from "@storage/core";
import { afterEach, describe, expect, test, vi } from "vitest";
import { failure } from "./expect-failure.ts";
import { MapDriver, pieces, ServiceFailure } from "./map-driver.ts";

afterEach(() => {
  vi.useRealTimers();
});

const body = new TextEncoder().encode("0123456789");

test("at most maxConcurrency requests are under way, in the order they came", async () => {
  const driver = new MapDriver();
  let now = 0;
  let peak = 0;
  driver.onRequest = async () => {
    peak = Math.max(peak, ++now);
    await new Promise((resolve) => setImmediate(resolve));
    now--;
  };
  const backend = new Backend(driver, { maxConcurrency: 4 });
  const keys = Array.from({ length: 100 }, (_, index) => `k${index}`);
  await Promise.all(keys.map((key) => backend.put(key, "x")));
  expect(peak).toBe(4);
  expect(driver.requests.map(({ key }) => key)).toEqual(keys);
});

test("failed requests give their slots back", async () => {
  const driver = new MapDriver();
  driver.onRequest = () => {
    throw new ServiceFailure("PermissionDenied");
  };
  const backend = new Backend(driver, { maxConcurrency: 1 });
  for (let round = 0; round < 3; round++) await failure(backend.get("a"), "PermissionDenied");
});

test("open bodies hold no slot: a hundred of them starve no put", async () => {
  const driver = new MapDriver();
  const backend = new Backend(driver, { maxConcurrency: 2 });
  await backend.put("a", body);
  const open = await Promise.all(Array.from({ length: 100 }, () => backend.open("a")));
  await backend.put("b", body);
  for (const object of open) expect(await object.bytes()).toEqual(Uint8Array.from(body));
});

test("a source that stalls holds no slot", async () => {
  const backend = new Backend(new MapDriver(), { maxConcurrency: 1 });
  const source = new Readable({ read() {} });
  source.push(body);
  const slow = backend.put("slow", source);
  await new Promise((resolve) => setTimeout(resolve, 5));
  await backend.put("b", body);
  source.push(null);
  expect((await slow).size).toBe(10);
});

test("a source that goes on after its request failed takes no slot for ever", async () => {
  const driver = new MapDriver();
  const backend = new Backend(driver, { maxConcurrency: 1 });
  const gate = Promise.withResolvers<void>();
  const write = driver.write.bind(driver);
  driver.write = async (_, given) => {
    const iterator = given.stream?.[Symbol.asyncIterator]();
    await iterator?.next();
    void iterator?.next().catch(() => {});
    throw new ServiceFailure("PermissionDenied");
  };
  const source = (async function* () {
    yield body;
    await gate.promise;
    yield body;
  })();
  await failure(backend.put("a", source), "PermissionDenied");
  gate.resolve();
  await new Promise((resolve) => setTimeout(resolve, 5));
  driver.write = write;
  const late = new Backend(driver);
  await late.put("x", "x");
  await backend.put("b", "x", { signal: AbortSignal.timeout(1000) });
});

test("a method that sends parts holds a slot for each part, and none beside", async () => {
  const driver = new MapDriver();
  driver.write = async (key, given, attributes, call) => {
    await Promise.all([1, 2, 3].map(() => call.attempt(async () => {})));
    return driver.hold(key, given.bytes ?? new Uint8Array(), attributes);
  };
  const backend = new Backend(driver, { maxConcurrency: 1 });
  await backend.put("a", body, { signal: AbortSignal.timeout(1000) });
});

describe("time-outs", () => {
  /** Stalls until its signal aborts. */
  const stall = ({ call }: { call: { signal: AbortSignal } }): Promise<never> =>
    new Promise((_, reject) => call.signal.addEventListener("abort", () => reject(call.signal.reason)));

  test("a service without an answer within timeouts.headers is a TimeoutError, after retries", async () => {
    const driver = new MapDriver();
    driver.onRequest = stall;
    const backend = new Backend(driver, { timeouts: { headers: 10 }, maxAttempts: 2 });
    const error = await failure(backend.get("a"), "Timeout");
    expect(error).toMatchObject({ retryable: true, outcome: "not-applied" });
    expect(driver.count("read")).toBe(2);
    expect(await failure(backend.put("a", "x"), "Timeout")).toMatchObject({ outcome: "unknown" });
  });

  test("0 waits for ever, and numbers that timers cannot hold do not fire at once", async () => {
    for (const time of [0, 1e10, Number.MAX_SAFE_INTEGER]) {
      const driver = new MapDriver();
      driver.onRequest = () => new Promise((resolve) => setTimeout(resolve, 20));
      const backend = new Backend(driver, { timeouts: { headers: time, idle: time }, maxAttempts: 1 });
      await backend.put("a", pieces(body));
      expect(await backend.get("a")).toEqual(Uint8Array.from(body));
      await backend.close({ timeout: Math.max(time, 1000) });
    }
  });

  test("the wait for a slot and the wait for the source are not the service's", async () => {
    const driver = new MapDriver();
    const backend = new Backend(driver, {
      timeouts: { headers: 30, idle: 30 },
      maxConcurrency: 1,
      maxAttempts: 1,
    });
    driver.onRequest = () => new Promise((resolve) => setTimeout(resolve, 20));
    await Promise.all([1, 2, 3, 4].map((n) => backend.put(`k${n}`, "x")));
    const slow = async function* () {
      for (let piece = 0; piece < 3; piece++) {
        await new Promise((resolve) => setTimeout(resolve, 40));
        yield body;
      }
    };
    driver.onRequest = undefined;
    expect((await backend.put("slow", slow())).size).toBe(30);
  });

  test("a body that stalls for longer than timeouts.idle is read on where it stopped", async () => {
    const driver = new MapDriver();
    driver.bodyOf = (bytes, request) => {
      if (driver.count("read") > 1) return { stream: pieces(bytes) };
      return {
        stream: (async function* () {
          yield bytes.slice(0, 4);
          await stall(request);
        })(),
      };
    };
    const events: StorageEvent[] = [];
    const backend = new Backend(driver, {
      timeouts: { idle: 10 },
      onEvent: (event) => events.push(event),
    });
    await backend.put("a", body);
    expect(await backend.get("a")).toEqual(Uint8Array.from(body));
    expect(driver.requests.at(-1)?.call.range).toEqual({ start: 4, end: 10 });
    expect(events.filter(({ operation }) => operation === "read").map(({ attempt }) => attempt)).toEqual([
      1, 2,
    ]);
  });

  test("a slow reader of a body is not the service's fault", async () => {
    const driver = new MapDriver();
    const backend = new Backend(driver, { timeouts: { idle: 10 }, maxAttempts: 1 });
    await backend.put("a", body);
    let read = 0;
    for await (const chunk of (await backend.open("a")).body) {
      read += chunk.length;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    expect(read).toBe(10);
  });

  test("a large body has the time that it takes to send it", async () => {
    vi.useFakeTimers();
    const driver = new MapDriver();
    driver.onRequest = () => new Promise((resolve) => setTimeout(resolve, 1500));
    const backend = new Backend(driver, { timeouts: { headers: 1000 }, maxAttempts: 1 });
    const small = Promise.allSettled([backend.put("a", "x"), backend.put("b", new Uint8Array(128 * 1024))]);
    await vi.runAllTimersAsync();
    expect(await small).toMatchObject([{ status: "rejected" }, { status: "fulfilled" }]);
  });

  test("sweep is many requests, and takes the time that it takes", async () => {
    const driver = Object.assign(new MapDriver(), {
      sweep: async (call: { signal: AbortSignal }) => {
        const time = new Promise((resolve) => setTimeout(resolve, 30));
        await Promise.race([time, stall({ call })]);
        return { removed: 2 };
      },
    });
    expect(await new Backend(driver, { timeouts: { headers: 10 } }).sweep()).toEqual({ removed: 2 });
  });
});
