import { once } from "node:events";
import {
  Backend,
  type Classified,
  type StorageDriver,
  type StorageErrorCode,
  type StorageEvent,
} from "@storage/core";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { failure } from "./expect-failure.ts";
import { MapDriver, pieces, ServiceFailure } from "./map-driver.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

function failing(times: number, code: StorageErrorCode, more: Omit<Classified, "code"> = {}): MapDriver {
  const driver = new MapDriver();
  driver.onRequest = () => {
    if (driver.requests.length <= times) throw new ServiceFailure(code, more);
  };
  return driver;
}

async function settled<T>(promise: Promise<T>): Promise<PromiseSettledResult<T>> {
  const all = Promise.allSettled([promise]);
  await vi.runAllTimersAsync();
  return (await all)[0] as PromiseSettledResult<T>;
}

test.each(["Unavailable", "RateLimited", "Timeout"] as const)(
  "%s is tried again, up to maxAttempts",
  async (code) => {
    const driver = failing(3, code);
    expect((await settled(new Backend(driver).put("a", "x"))).status).toBe("fulfilled");
    expect(driver.count("write")).toBe(4);
    const worse = failing(9, code);
    const result = await settled(new Backend(worse, { maxAttempts: 2 }).get("a"));
    expect(result).toMatchObject({ status: "rejected", reason: { code, retryable: true } });
    expect(worse.count("read")).toBe(2);
  },
);

test.each([
  "FileNotFound",
  "PermissionDenied",
  "Unauthenticated",
  "QuotaExceeded",
  "PreconditionFailed",
  "KeyConflict",
  "TooLarge",
  "Integrity",
  "BucketNotFound",
  "Archived",
  "Unknown",
] as const)("%s is not tried again", async (code) => {
  const driver = failing(9, code);
  const result = await settled(new Backend(driver).put("a", "x"));
  expect(result).toMatchObject({ status: "rejected", reason: { code, key: "a", operation: "put" } });
  expect(driver.requests.length).toBe(1);
});

test("waits are of full jitter: between nothing and 100, 200, 400 ms", async () => {
  for (const [random, expected] of [
    [0, [0, 0, 0]],
    [0.5, [50, 100, 200]],
    [0.999, [99.9, 199.8, 399.6]],
  ] as const) {
    vi.spyOn(Math, "random").mockReturnValue(random);
    const times: number[] = [];
    const driver = failing(9, "Unavailable");
    const { onRequest } = driver;
    driver.onRequest = (request) => {
      times.push(Date.now());
      onRequest?.(request);
    };
    await settled(new Backend(driver).exists("a"));
    const waits = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(waits.length).toBe(3);
    for (const [index, wait] of waits.entries())
      expect(Math.abs(wait - (expected[index] ?? 0))).toBeLessThan(2);
  }
});

test("Retry-After, in seconds, is obeyed and not shortened by the jitter", async () => {
  const driver = failing(1, "RateLimited", { retryAfter: 3 });
  const started = Date.now();
  expect((await settled(new Backend(driver).exists("a"))).status).toBe("fulfilled");
  expect(Date.now() - started).toBeGreaterThanOrEqual(3000);
  expect(Date.now() - started).toBeLessThan(3200);
});

test("a service that asks for more than a minute is not waited for: the caller is told", async () => {
  const driver = failing(9, "RateLimited", { retryAfter: 3600 });
  const result = await settled(new Backend(driver).exists("a"));
  expect(result).toMatchObject({ reason: { code: "RateLimited", retryAfter: 3600, retryable: true } });
  expect(driver.requests.length).toBe(1);
});

test("an abort ends the wait between two attempts, and nothing more is sent", async () => {
  vi.spyOn(Math, "random").mockReturnValue(1);
  const driver = failing(9, "RateLimited", { retryAfter: 30 });
  const controller = new AbortController();
  const result = Promise.allSettled([new Backend(driver).exists("a", { signal: controller.signal })]);
  await vi.advanceTimersByTimeAsync(1000);
  controller.abort();
  expect((await result)[0]).toMatchObject({ status: "rejected", reason: { code: "Aborted" } });
  expect(driver.requests.length).toBe(1);
  expect(vi.getTimerCount()).toBe(0);
});

describe("a stream", () => {
  test("of which nothing was taken is sent again", async () => {
    const driver = failing(1, "Unavailable");
    const result = await settled(new Backend(driver).put("a", pieces(new Uint8Array(9))));
    expect(result).toMatchObject({ status: "fulfilled", value: { size: 9 } });
    expect(driver.count("write")).toBe(2);
  });

  test("of which something was taken is not: it could only be sent without its beginning", async () => {
    const driver = new MapDriver();
    driver.onAnswer = () => {
      throw new ServiceFailure("Unavailable");
    };
    const result = await settled(new Backend(driver).put("a", pieces(new Uint8Array(9))));
    expect(result).toMatchObject({ reason: { code: "Unavailable", outcome: "unknown", retryable: true } });
    expect(driver.count("write")).toBe(1);
  });
});

test("parts go through call.attempt: each is tried again, the method is not", async () => {
  const driver = new MapDriver();
  const sent: string[] = [];
  driver.write = async (key, body, attributes, call) => {
    for (const part of ["one", "two", "three"]) {
      await call.attempt(async (signal) => {
        expect(signal).toBeInstanceOf(AbortSignal);
        sent.push(part);
        if (part === "two" && sent.length < 4) throw new ServiceFailure("Unavailable");
      });
    }
    return driver.hold(key, body.bytes ?? new Uint8Array(), attributes);
  };
  const backend = new Backend(driver);
  expect((await settled(backend.put("a", "x"))).status).toBe("fulfilled");
  expect(sent).toEqual(["one", "two", "two", "two", "three"]);
  sent.length = 0;
  driver.write = async (_key, _body, _attributes, call) => {
    await call.attempt(async () => {
      sent.push("part");
      throw new ServiceFailure("Unavailable");
    });
    throw new Error("never");
  };
  expect(await settled(backend.put("a", "x"))).toMatchObject({ reason: { code: "Unavailable" } });
  expect(sent.length).toBe(4);
});

test.each(["RateLimited", "PermissionDenied", "FileNotFound"] as const)(
  "a put that is %s after a reply that was lost may have been stored, and says so",
  async (code) => {
    const driver = new MapDriver();
    driver.onRequest = () => {
      throw new ServiceFailure(driver.requests.length === 1 ? "Unavailable" : code);
    };
    expect(await settled(new Backend(driver).put("a", "x"))).toMatchObject({
      reason: { code, outcome: "unknown", key: "a" },
    });
    const { requests } = driver;
    expect(await settled(new Backend(driver).put("a", "x"))).toMatchObject({
      reason: { outcome: "not-applied" },
    });
    expect(requests.length).toBeGreaterThan(2);
  },
);

test("a request of a sweep is tried again, and has its time", async () => {
  const driver = new MapDriver();
  let sent = 0;
  const sweep = vi.fn<NonNullable<StorageDriver["sweep"]>>(async (call) => {
    await call.attempt(async (signal) => {
      sent++;
      if (sent === 1) throw new ServiceFailure("Unavailable");
      if (sent === 2) await once(signal, "abort").then(() => signal.throwIfAborted());
    });
    return { removed: sent };
  });
  const backend = new Backend(Object.assign(driver, { sweep }), { timeouts: { headers: 20 } });
  expect(await settled(backend.sweep())).toMatchObject({ value: { removed: 3 } });
  expect(sweep).toHaveBeenCalledTimes(1);
});

test.each([
  ["move", "Unavailable", 1],
  ["move", "RateLimited", 4],
  ["createOnly copy", "Unavailable", 1],
  ["createOnly copy", "RateLimited", 4],
  ["copy", "Unavailable", 4],
] as const)(
  "a %s whose answer is %s is sent %i times: what is not idempotent only where it surely took no effect",
  async (kind, code, times) => {
    const driver = new MapDriver();
    let sent = 0;
    const fail = async (): Promise<never> => {
      sent++;
      throw new ServiceFailure(code);
    };
    const backend = new Backend(Object.assign(driver, { copy: fail, move: fail }));
    const run =
      kind === "move"
        ? backend.move("a", "b")
        : backend.copy("a", "b", kind === "copy" ? {} : { ifNoneMatch: "*" });
    expect(await settled(run)).toMatchObject({ reason: { code } });
    expect(sent).toBe(times);
  },
);

test("every request is an event, so that retries can be seen; what onEvent throws is ignored", async () => {
  const events: StorageEvent[] = [];
  const driver = failing(2, "Unavailable", { requestId: "r1" });
  const backend = new Backend(driver, {
    onEvent: (event) => {
      events.push(event);
      throw new Error("mine");
    },
  });
  await settled(backend.put("a", "four"));
  expect(events).toMatchObject([
    { operation: "write", key: "a", attempt: 1, code: "Unavailable", bytes: 4 },
    { operation: "write", key: "a", attempt: 2, code: "Unavailable" },
    { operation: "write", key: "a", attempt: 3, bytes: 4 },
  ]);
  expect(events[2]?.code).toBeUndefined();
  for (const { ms } of events) expect(ms).toBeGreaterThanOrEqual(0);
  events.length = 0;
  await settled(backend.listKeys());
  await settled(backend.get("missing"));
  expect(events).toMatchObject([
    { operation: "list", attempt: 1 },
    { operation: "read", key: "missing", attempt: 1, code: "FileNotFound" },
  ]);
});

test("no timer is left after any end", async () => {
  vi.useRealTimers();
  const before = process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
  const driver = failing(1, "Unavailable");
  const backend = new Backend(driver);
  await backend.put("a", "x");
  await backend.put("a", pieces(new Uint8Array(9)));
  await backend.get("a");
  await (await backend.open("a")).body.cancel();
  await failure(backend.get("missing"), "FileNotFound");
  await backend.close();
  const after = process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
  expect(after).toBeLessThanOrEqual(before);
});
