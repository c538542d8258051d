import { Backend } from "@storage/core";
import { describe, expect, test } from "vitest";
import { failure } from "./expect-failure.ts";
import { MapDriver, ServiceFailure } from "./map-driver.ts";

/** The service's own way to remove a batch. */
function withBatches(
  driver: MapDriver,
  failing: ReadonlyMap<string, unknown> = new Map(),
): { batches: number[] } {
  const batches: number[] = [];
  Object.assign(driver, {
    removeMany: async (keys: readonly string[]) => {
      batches.push(keys.length);
      for (const key of keys) if (!failing.has(key)) driver.objects.delete(key);
      return new Map([...failing].filter(([key]) => keys.includes(key)));
    },
  });
  return { batches };
}

async function filled(keys: readonly string[]): Promise<{ driver: MapDriver; backend: Backend }> {
  const driver = new MapDriver();
  const filling = new Backend(driver);
  for (const key of keys) await filling.put(key, "x");
  return { driver, backend: filling };
}

test("delete is true for what was there, false for what was not, and exact", async () => {
  const { backend } = await filled(["base", "base_sibling", "base/x", "base[1]/f"]);
  expect(await backend.delete("base")).toBe(true);
  expect(await backend.delete("base")).toBe(false);
  expect(await backend.delete("never")).toBe(false);
  expect(await backend.listKeys()).toEqual(["base/x", "base[1]/f", "base_sibling"]);
});

test("delete with ifMatch: a stale etag fails, the current one deletes, a missing object is false", async () => {
  const { backend } = await filled(["a"]);
  const { etag } = await backend.getMetadata("a");
  await failure(backend.delete("a", { ifMatch: "stale" }), "PreconditionFailed");
  expect(await backend.delete("a", { ifMatch: etag })).toBe(true);
  expect(await backend.delete("a", { ifMatch: etag })).toBe(false);
});

test("exists is false only for what is not there: a refusal or an outage throws", async () => {
  const { driver, backend } = await filled(["a"]);
  expect(await backend.exists("a")).toBe(true);
  expect(await backend.exists("b")).toBe(false);
  for (const code of ["PermissionDenied", "BucketNotFound", "Unauthenticated", "Unknown"] as const) {
    driver.onRequest = () => {
      throw new ServiceFailure(code);
    };
    await failure(backend.exists("a"), code);
  }
});

describe.each([
  ["one by one", (driver: MapDriver) => void driver],
  ["in batches", (driver: MapDriver) => void withBatches(driver)],
])("deleteMany %s", (_, prepare) => {
  async function ready(keys: readonly string[]): Promise<Backend> {
    const { driver } = await filled(keys);
    prepare(driver);
    return new Backend(driver);
  }

  test("answers in the order of the keys, missing ones and repeated ones included", async () => {
    const backend = await ready(["c", "a", "😀"]);
    const result = await backend.deleteMany(["c", "missing", "a", "c", "😀", "__proto__"]);
    expect(result).toEqual({ deleted: ["c", "missing", "a", "c", "😀", "__proto__"], failed: [] });
    expect(await backend.listKeys()).toEqual([]);
  });

  test("a bad key lands in failed and keeps none of the others", async () => {
    const backend = await ready(["a"]);
    const { deleted, failed } = await backend.deleteMany(["../x", "a", 5 as unknown as string, ""]);
    expect(deleted).toEqual(["a"]);
    expect(failed.map(({ key, error }) => [key, error.code, error.operation, error.key])).toEqual([
      ["../x", "InvalidKey", "deleteMany", "../x"],
      [5, "InvalidKey", "deleteMany", 5],
      ["", "InvalidKey", "deleteMany", ""],
    ]);
  });

  test("takes any iterable of any length", async () => {
    const keys = Array.from({ length: 2501 }, (_, index) => `k${index}`);
    const backend = await ready(keys);
    const stream = (async function* () {
      yield* keys;
    })();
    expect((await backend.deleteMany(stream)).deleted).toEqual(keys);
    expect((await backend.deleteMany(new Set(keys))).deleted).toEqual(keys);
    expect((await backend.deleteMany([])).deleted).toEqual([]);
    expect(await backend.listKeys()).toEqual([]);
  });

  test("a string is not taken for an iterable of its characters", async () => {
    const backend = await ready(["a"]);
    for (const keys of ["a", null, undefined, 5, {}])
      await failure(backend.deleteMany(keys as unknown as string[]), "InvalidArgument");
    expect(await backend.exists("a")).toBe(true);
  });

  test("keys that fail to come are a SourceFailedError", async () => {
    const backend = await ready([]);
    const cause = new Error("the caller's query");
    const keys = (async function* () {
      yield "a";
      throw cause;
    })();
    expect((await failure(backend.deleteMany(keys), "SourceFailed")).cause).toBe(cause);
  });
});

test("the service is asked for at most a thousand keys at once, and each key once", async () => {
  const { driver } = await filled([]);
  const { batches } = withBatches(driver);
  const keys = Array.from({ length: 2001 }, (_, index) => `k${index}`);
  await new Backend(driver).deleteMany(keys);
  await new Backend(driver).deleteMany(["a", "a"]);
  expect(batches).toEqual([1000, 1000, 1, 1]);
});

test("each key fails for its own cause, classified; absent counts as deleted", async () => {
  const { driver } = await filled(["a", "b", "c"]);
  withBatches(
    driver,
    new Map<string, unknown>([
      ["a", new ServiceFailure("PermissionDenied", { requestId: "r" })],
      ["c", new Error("odd")],
      ["gone", new ServiceFailure("FileNotFound")],
    ]),
  );
  const { deleted, failed } = await new Backend(driver).deleteMany(["a", "b", "c", "gone"]);
  expect(deleted).toEqual(["b", "gone"]);
  expect(failed).toMatchObject([
    { key: "a", error: { code: "PermissionDenied", key: "a", requestId: "r", operation: "deleteMany" } },
    { key: "c", error: { code: "Unknown", key: "c" } },
  ]);
});

test("a batch that fails as a whole fails each of its keys, and not the next batch", async () => {
  const { driver } = await filled([]);
  let calls = 0;
  Object.assign(driver, {
    removeMany: async () => {
      if (++calls === 1) throw new ServiceFailure("PermissionDenied");
      return new Map();
    },
  });
  const keys = Array.from({ length: 1001 }, (_, index) => `k${index}`);
  const { deleted, failed } = await new Backend(driver).deleteMany(keys);
  expect(deleted).toEqual(["k1000"]);
  expect(failed.length).toBe(1000);
});

test("one by one, a failure keeps none of the others", async () => {
  const { driver, backend } = await filled(["a", "b", "c"]);
  driver.onRequest = ({ key }) => {
    if (key === "b") throw new ServiceFailure("PermissionDenied");
  };
  const { deleted, failed } = await backend.deleteMany(["a", "b", "c"]);
  expect(deleted).toEqual(["a", "c"]);
  expect(failed).toMatchObject([{ key: "b", error: { code: "PermissionDenied", key: "b" } }]);
});

test("one by one, sixteen are under way at once", async () => {
  const { driver, backend } = await filled([]);
  let now = 0;
  let peak = 0;
  driver.onRequest = async () => {
    peak = Math.max(peak, ++now);
    await new Promise((resolve) => setImmediate(resolve));
    now--;
  };
  await backend.deleteMany(Array.from({ length: 100 }, (_, index) => `k${index}`));
  expect(peak).toBe(16);
});
