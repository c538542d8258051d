import { LocalBackend } from "@storage/local";
import { createFsFromVolume, Volume } from "memfs";
import { describe, expect, test } from "vitest";
import { rejection } from "./rejection.ts";

const secret = "a secret of this test";

interface InMemory {
  readonly store: LocalBackend;
  readonly volume: InstanceType<typeof Volume>;
}

function inMemory(): InMemory {
  const volume = new Volume();
  return { volume, store: new LocalBackend({ basePath: "/data", secret, fs: createFsFromVolume(volume) }) };
}

const text = async (store: LocalBackend, key: string): Promise<string> =>
  Buffer.from(await store.get(key)).toString();

describe("on memfs", () => {
  test("objects are put, read, listed, copied, moved and deleted", async () => {
    const { store, volume } = inMemory();
    await store.put("a/b.txt", "hello", { metadata: { of: "b" } });
    await store.put("c", new Uint8Array(2_000_000).fill(7));
    expect(await text(store, "a/b.txt")).toBe("hello");
    expect((await store.getMetadata("a/b.txt")).metadata).toEqual({ of: "b" });
    expect(await store.get("c", { range: { suffix: 2 } })).toEqual(new Uint8Array([7, 7]));
    const object = await store.open("c");
    expect((await object.bytes()).length).toBe(2_000_000);
    await store.copy("a/b.txt", "a/copy.txt");
    await store.move("a/copy.txt", "moved.txt");
    expect((await store.getMetadata("moved.txt")).metadata).toEqual({ of: "b" });
    expect(await store.listKeys()).toEqual(["a/b.txt", "c", "moved.txt"]);
    expect((await store.listPage({ delimiter: "/" })).prefixes).toEqual(["a/"]);
    expect(await store.delete("a/b.txt")).toBe(true);
    expect(volume.readdirSync("/data")).toEqual([".storage", "c", "moved.txt"]);
    await store.checkHealth();
    await store.sweep({ olderThan: 0 });
    await store.close();
  });

  test("conflicts, conditions and missing objects are told as on a disk", async () => {
    const { store } = inMemory();
    await store.put("a", "1");
    await rejection(store.put("a/b", "1"), "KeyConflict");
    await rejection(store.get("b"), "FileNotFound");
    await rejection(store.put("a", "2", { ifNoneMatch: "*" }), "PreconditionFailed");
    let { etag } = await store.getMetadata("a");
    for (let round = 0; round < 20; round++)
      ({ etag } = await store.put("a", `${round % 10}`, { ifMatch: etag }));
    await rejection(store.put("a", "2", { ifMatch: "other" }), "PreconditionFailed");
    expect(await store.delete("a", { ifMatch: etag })).toBe(true);
  });

  test("a stale etag is stale, however fast writes follow each other", async () => {
    const { store } = inMemory();
    const etags = new Set<string>();
    for (let round = 0; round < 50; round++) etags.add((await store.put("a", "1")).etag);
    for (let round = 0; round < 50; round++)
      etags.add((await store.put("a", "1", { metadata: { a: "b" } })).etag);
    expect(etags.size).toBe(100);
  });
});

describe("a fault of a handed-in file system", () => {
  const faults = [
    ["ENOSPC", "write", "QuotaExceeded"],
    ["EDQUOT", "open", "QuotaExceeded"],
    ["EROFS", "open", "PermissionDenied"],
    ["EMFILE", "open", "Unavailable"],
    ["EXDEV", "rename", "Configuration"],
    ["EFBIG", "write", "TooLarge"],
    ["EIO", "fsync", "Unavailable"],
  ] as const;

  test.each(faults)("%s in %s is a typed error, and the old object stays", async (code, call, expected) => {
    const volume = new Volume();
    const memory = createFsFromVolume(volume);
    let isArmed = false;
    const fs = new Proxy(memory, {
      get(target, name) {
        const real: unknown = Reflect.get(target, name);
        if (name !== call || typeof real !== "function") return real;
        return (...parameters: unknown[]) => {
          const done = parameters.at(-1) as (error: Error) => void;
          const isTemporary = call !== "open" || String(parameters[0]).includes("/tmp/");
          if (isArmed && isTemporary) return done(Object.assign(new Error(`${code}: injected`), { code }));
          return Reflect.apply(real, target, parameters);
        };
      },
    });
    const store = new LocalBackend({ basePath: "/data", secret, fs, maxAttempts: 1 });
    await store.put("a", "old", { metadata: { of: "old" } });
    isArmed = true;
    await rejection(store.put("a", "new", { metadata: { of: "new" } }), expected);
    isArmed = false;
    expect(await text(store, "a")).toBe("old");
    expect((await store.getMetadata("a")).metadata).toEqual({ of: "old" });
    expect(volume.readdirSync("/data/.storage/tmp")).toEqual([]);
    await store.put("a", "next");
  });
});
