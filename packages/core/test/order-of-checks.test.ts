import { Backend, type StorageBackend } from "@storage/core";
import { describe, expect, test } from "vitest";
import { failure } from "./expect-failure.ts";
import { MapDriver } from "./map-driver.ts";

const incapable = {
  createOnly: false,
  rangeReads: false,
  conditionalDelete: false,
  delimiter: false,
  userMetadata: false,
};

interface Terms {
  readonly key: string;
  readonly options: Record<string, unknown>;
}

/** Each method with an option that this backend cannot honour, where it takes one. */
const methods: Record<
  string,
  {
    unsupported?: object;
    run(b: StorageBackend, terms: Terms): PromiseLike<unknown> | AsyncIterable<unknown>;
  }
> = {
  put: { unsupported: { ifNoneMatch: "*" }, run: (b, { key, options }) => b.put(key, "x", options) },
  get: { unsupported: { range: { start: 0 } }, run: (b, { key, options }) => b.get(key, options) },
  open: { unsupported: { range: { start: 0 } }, run: (b, { key, options }) => b.open(key, options) },
  delete: { unsupported: { ifMatch: "e" }, run: (b, { key, options }) => b.delete(key, options) },
  exists: { run: (b, { key, options }) => b.exists(key, options) },
  getMetadata: { run: (b, { key, options }) => b.getMetadata(key, options) },
  copy: {
    unsupported: { ifNoneMatch: "*" },
    run: (b, { key, options }) => b.copy(key, "other", options),
  },
  move: {
    unsupported: { replace: { metadata: { a: "b" } } },
    run: (b, { key, options }) => b.move(key, "other", options),
  },
  getUrl: { unsupported: {}, run: (b, { key, options }) => b.getUrl(key, options) },
  getUploadUrl: { unsupported: {}, run: (b, { key, options }) => b.getUploadUrl(key, options) },
  listKeys: { run: (b, { key, options }) => b.listKeys(options && { prefix: key, ...options }) },
  list: { run: (b, { key, options }) => b.list(options && { prefix: key, ...options }) },
  listPage: {
    unsupported: { delimiter: "/" },
    run: (b, { key, options }) => b.listPage(options && { prefix: key, ...options }),
  },
};

describe.each(Object.entries(methods))("%s looks at", (_, { unsupported, run }) => {
  const aborted = AbortSignal.abort();
  const driver = new MapDriver(incapable);
  const backend = new Backend(driver);
  const everything = { nonsense: 1, ...unsupported, signal: aborted };

  test("whether the backend is closed before anything else", async () => {
    const closed = new Backend(new MapDriver(incapable));
    await closed.close();
    await failure(run(closed, { key: "a//b", options: everything }), "Closed");
  });

  test("the key before the options", async () => {
    await failure(run(backend, { key: "a//b", options: everything }), "InvalidKey");
  });

  test("the options before what the backend can do", async () => {
    await failure(run(backend, { key: "a", options: everything }), "InvalidArgument");
    await failure(
      run(backend, { key: "a", options: null as unknown as Terms["options"] }),
      "InvalidArgument",
    );
    await failure(run(backend, { key: "a", options: { signal: {} } }), "InvalidArgument");
  });

  test("what the backend can do before the signal, and the signal before any I/O", async () => {
    const { nonsense: _, ...options } = everything;
    const code = unsupported === undefined ? "Aborted" : "NotSupported";
    await failure(run(backend, { key: "a", options }), code);
    expect(driver.requests).toEqual([]);
  });

  test.skipIf(unsupported !== undefined && Object.keys(unsupported).length === 0)(
    "the signal before any I/O",
    async () => {
      const error = await failure(run(backend, { key: "a", options: { signal: aborted } }), "Aborted");
      expect(error).toMatchObject({ name: "AbortError", outcome: "not-applied", cause: aborted.reason });
      expect(driver.requests).toEqual([]);
    },
  );
});

test("the methods without a key check likewise", async () => {
  const driver = new MapDriver();
  const backend = new Backend(driver);
  const bad = { sginal: AbortSignal.abort() } as object;
  const signal = AbortSignal.abort();
  for (const run of [
    (options: object) => backend.checkHealth(options),
    (options: object) => backend.sweep(options),
    (options: object) => backend.deleteMany(["a"], options),
  ]) {
    expect((await failure(run(bad), "InvalidArgument")).reason).toContain("signal");
    await failure(run({ signal }), "Aborted");
  }
  await failure(backend.close({ timeout: -1 }), "InvalidArgument");
  expect(driver.requests).toEqual([]);
  await backend.close();
  await failure(backend.checkHealth(), "Closed");
  await failure(backend.sweep(), "Closed");
  await failure(backend.deleteMany(["a"]), "Closed");
});
