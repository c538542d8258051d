import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  around,
  Backend,
  type Body,
  type DriverChanges,
  driverOf,
  FileNotFoundError,
  over,
  StorageError,
  type WatchedCall,
  withPrefix,
} from "@storage/core";
import { UrlSigner } from "@storage/core/url-signer";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { failure } from "./expect-failure.ts";
import { MapDriver, pieces, ServiceFailure } from "./map-driver.ts";

function withAllShortcuts(): { backend: Backend; driver: MapDriver; used: string[] } {
  const driver = new MapDriver();
  const used: string[] = [];
  const noting =
    <T>(name: string, answer: T) =>
    (): T => {
      used.push(name);
      return answer;
    };
  const facts = driver.hold("held", new Uint8Array(3), { contentType: "a/b", metadata: {}, internal: {} });
  const signer = new UrlSigner({ secret: "0123456789abcdef", mount: "m", backend: () => backend });
  Object.assign(driver, {
    signer,
    removeMany: noting("removeMany", Promise.resolve(new Map())),
    copy: noting("copy", Promise.resolve(facts)),
    move: noting("move", Promise.resolve(facts)),
    signUrl: noting("signUrl", "https://signed"),
    signUpload: noting("signUpload", Promise.resolve({ method: "PUT", url: "https://signed", headers: {} })),
  });
  const backend = new Backend(driver);
  return { backend, driver, used };
}

describe("over", () => {
  const inner = (backend: Backend) => driverOf(backend);
  const same = (backend: Backend): DriverChanges => ({
    read: inner(backend).read,
    write: inner(backend).write,
    remove: inner(backend).remove,
    list: inner(backend).list,
  });

  test.each([
    ["read", ["removeMany", "signUpload"]],
    ["write", ["removeMany", "signUrl"]],
    ["remove", ["copy", "signUrl", "signUpload"]],
    ["list", ["copy", "move", "removeMany", "signUrl", "signUpload"]],
  ] as const)("a changed %s keeps only the shortcuts that do not go round it: %j", async (name, kept) => {
    const { backend, used } = withAllShortcuts();
    const layered = over(inner(backend), "layer", { [name]: same(backend)[name] });
    await layered.put("a", "x");
    await layered.copy("a", "b");
    await layered.put("m", "x");
    await layered.move("m", "n").catch(() => {});
    await layered.deleteMany(["a"]);
    await layered.getUrl("held").catch(() => {});
    await layered.getUploadUrl("b").catch(() => {});
    expect([...new Set(used)].sort()).toEqual([...kept].sort());
    expect(layered.capabilities.signedUrls).toBe(kept.includes("signUrl" as never));
    expect(layered.signer === undefined).toBe(!kept.includes("signUrl" as never));
    expect(layered.capabilities.signedUploads).toEqual(kept.includes("signUpload" as never) ? ["PUT"] : []);
  });

  test("a shortcut that the layer names stays, and one named as undefined goes", async () => {
    const { backend, used } = withAllShortcuts();
    const { read, copy } = inner(backend);
    const named = over(inner(backend), "layer", { read, copy });
    await named.put("a", "x");
    await named.copy("a", "b");
    expect(used).toEqual(["copy"]);
    const without = over(inner(backend), "layer", { copy: undefined, signUrl: undefined });
    used.length = 0;
    await without.put("a", "x");
    await without.copy("a", "b");
    expect(used).toEqual([]);
    expect(without.signer).toBeUndefined();
    expect(over(inner(backend), "layer", { signer: undefined }).signer).toBeUndefined();
    await failure(without.getUrl("a"), "NotSupported");
  });

  test("layers are named from the outside in, and the name stays the innermost's", () => {
    const { backend } = withAllShortcuts();
    const layered = over(driverOf(over(driverOf(backend), "inner", {})), "outer", {});
    expect(layered.layers).toEqual(["outer", "inner"]);
    expect(layered.name).toBe("MapBackend");
    expect(backend.layers).toEqual([]);
    expect(Object.isFrozen(layered.layers)).toBe(true);
  });

  test("closing a layer closes what it wraps", async () => {
    const { backend, driver } = withAllShortcuts();
    let closed = 0;
    Object.assign(driver, { close: async () => void closed++ });
    const fresh = new Backend(driver);
    const layered = over(driverOf(over(driverOf(fresh), "inner", {})), "outer", {});
    await layered.close();
    await layered.close();
    await fresh.close();
    expect(closed).toBe(1);
    await failure(fresh.get("held"), "Closed");
    await backend.close();
  });

  test("a layer that changes bytes is whole: get, open, ranges and copies see its bytes", async () => {
    const { backend } = withAllShortcuts();
    const driver = driverOf(backend);
    const upper = async function* (body: Body): AsyncGenerator<Uint8Array<ArrayBuffer>> {
      for await (const chunk of body.stream ?? pieces(body.bytes))
        yield new TextEncoder().encode(new TextDecoder().decode(chunk).toUpperCase());
    };
    const layered = over(driver, "upper", {
      read: async (key, call) => {
        const result = await driver.read(key, call);
        return { ...result, body: { stream: upper(result.body) } };
      },
    });
    await layered.put("a", "words");
    expect(new TextDecoder().decode(await layered.get("a"))).toBe("WORDS");
    expect(new TextDecoder().decode(await layered.get("a", { range: { suffix: 2 } }))).toBe("DS");
    await layered.copy("a", "b");
    expect(new TextDecoder().decode(await backend.get("b"))).toBe("WORDS");
  });

  test("a body that a layer wraps in a generator is freed also when nothing of it was read", async () => {
    const driver = new MapDriver();
    const requests: AbortSignal[] = [];
    driver.bodyOf = (bytes, { call }) => {
      requests.push(call.signal);
      return { stream: pieces(bytes) };
    };
    const backend = new Backend(driver);
    await backend.put("a", "0123456789");
    const inner = driverOf(backend);
    const layered = over(inner, "generator", {
      read: async (key, call) => {
        const result = await inner.read(key, call);
        const stream = (async function* () {
          if (result.body.stream) yield* result.body.stream;
        })();
        return { ...result, body: { stream } };
      },
    });
    await (await layered.open("a")).body.cancel();
    await (await layered.open("a"))[Symbol.asyncDispose]();
    await failure(layered.get("a", { maxBytes: 1 }), "TooLarge");
    expect(requests.map(({ aborted }) => aborted)).toEqual([true, true, true]);
    await backend.close();
  });

  test("retries, slots and events happen once, in the leaf", async () => {
    const driver = new MapDriver();
    driver.onRequest = () => {
      throw new ServiceFailure("Unavailable");
    };
    const backend = new Backend(driver, { maxAttempts: 2 });
    const layered = over(driverOf(over(driverOf(backend), "a", {})), "b", {});
    await failure(layered.get("x"), "Unavailable");
    expect(driver.requests.length).toBe(2);
  });

  test("what a layer throws of its own is a StorageError without its secrets", async () => {
    const { backend } = withAllShortcuts();
    const layered = over(driverOf(backend), "broken", {
      head: async () => {
        throw new Error("token=abc123secret at /srv/app/file");
      },
    });
    const error = await failure(layered.exists("a"), "Unknown");
    expect(error).toMatchObject({ key: "a", operation: "exists", backend: "MapBackend" });
    expect(String((error.cause as Error).message)).toBe("token=[hidden] at [hidden]");
  });
});

describe("around", () => {
  test("wraps every call of the inner driver once, with its key", async () => {
    const driver = new MapDriver();
    const calls: WatchedCall[] = [];
    const watched = around(driverOf(new Backend(driver)), "watch", async (call, next) => {
      calls.push(call);
      return await next();
    });
    await watched.put("a", "x");
    await watched.get("a");
    await watched.exists("a");
    await watched.copy("a", "b");
    await watched.listKeys();
    await watched.delete("a");
    await watched.deleteMany(["b"]);
    await watched.checkHealth();
    expect(calls.map(({ method, key }) => `${method} ${key}`)).toEqual([
      "write a",
      "read a",
      "head a",
      "read a",
      "write b",
      "list undefined",
      "remove a",
      "remove b",
      "list undefined",
    ]);
    expect(watched.layers).toEqual(["watch"]);
    expect(calls.length).toBe(driver.requests.length);
  });

  test("keeps the shortcuts that are there, and no others", async () => {
    const { backend, used } = withAllShortcuts();
    const calls: WatchedCall[] = [];
    const watched = around(driverOf(backend), "watch", (call, next) => {
      calls.push(call);
      return next();
    });
    await watched.copy("held", "b");
    await watched.move("held", "b");
    await watched.deleteMany(["held"]);
    await watched.getUrl("held");
    await watched.getUploadUrl("held");
    expect(used).toEqual(["copy", "move", "removeMany", "signUrl", "signUpload"]);
    expect(calls.map(({ method, key, target }) => [method, key, target])).toEqual([
      ["copy", "held", "b"],
      ["move", "held", "b"],
      ["removeMany", undefined, undefined],
      ["head", "held", undefined],
      ["signUpload", "held", undefined],
    ]);
    expect(watched.capabilities).toEqual(backend.capabilities);
    expect(watched.signer).toBe(backend.signer);
    const plain = around(driverOf(new Backend(new MapDriver())), "watch", (_, next) => next());
    expect(plain.capabilities).toEqual(new Backend(new MapDriver()).capabilities);
  });

  test("passes errors on as they are", async () => {
    const seen: unknown[] = [];
    const watched = around(driverOf(new Backend(new MapDriver())), "watch", async (_, next) => {
      try {
        return await next();
      } catch (error) {
        seen.push(error);
        throw error;
      }
    });
    await failure(watched.get("a"), "FileNotFound");
    expect(StorageError.is(seen[0], "FileNotFound")).toBe(true);
  });
});

describe("two copies of core", () => {
  let folder: string;
  let copy: typeof import("@storage/core");

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "storage-core-"));
    const outfile = join(folder, "core.mjs");
    const entry = join(import.meta.dirname, "../src/index.ts");
    await build({ entryPoints: [entry], bundle: true, format: "esm", outfile });
    copy = await import(outfile);
  });

  afterAll(() => rm(folder, { recursive: true }));

  test("are two", () => {
    expect(copy.Backend).not.toBe(Backend);
    expect(new copy.FileNotFoundError("x")).not.toBeInstanceOf(FileNotFoundError);
  });

  test("recognise each other's errors", () => {
    const theirs: unknown = new copy.FileNotFoundError("x");
    expect(StorageError.is(theirs)).toBe(true);
    expect(StorageError.is(theirs, "FileNotFound")).toBe(true);
    expect(StorageError.is(theirs, "Closed")).toBe(false);
    expect(copy.StorageError.is(new FileNotFoundError("x"), "FileNotFound")).toBe(true);
    for (const other of [null, undefined, "FileNotFound", new Error("x"), { code: "FileNotFound" }])
      expect(StorageError.is(other)).toBe(false);
  });

  test("layer upon each other's backends", async () => {
    const driver = new MapDriver();
    const theirs = new copy.Backend(driver);
    const view = withPrefix(theirs as unknown as Backend, "t/");
    await view.put("a", "x");
    expect([...driver.objects.keys()]).toEqual(["t/a"]);
    const error = await failure(view.get("b"), "FileNotFound");
    expect(error).toBeInstanceOf(FileNotFoundError);
    expect(error.key).toBe("b");
    await theirs.close();
    await failure(view.get("a"), "Closed");
  });
});

test("a layer that reads a body, or looks at its signal, fails with the caller's abort", async () => {
  const inner = driverOf(new Backend(new MapDriver()));
  const reading = over(inner, "reading", {
    write: async (key, body, ...rest) => {
      const chunks: Uint8Array<ArrayBuffer>[] = [];
      for await (const chunk of body.stream ?? []) chunks.push(chunk.slice());
      return await inner.write(key, { bytes: new Uint8Array(chunks.length) }, ...rest);
    },
    head: async (_, { signal }) => {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      throw signal.reason;
    },
  });
  const reason = new Error("no longer wanted");
  const controller = new AbortController();
  const { signal } = controller;
  const data = (async function* () {
    yield new Uint8Array(1);
    controller.abort(reason);
    await new Promise(() => {});
  })();
  const error = await failure(reading.put("a", data, { signal }), "Aborted");
  expect(error).toMatchObject({ name: "AbortError", cause: reason });
  const looking = reading.getMetadata("a", { signal: AbortSignal.timeout(20) });
  await failure(looking, "Timeout");
});
