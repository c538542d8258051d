import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { LocalBackend } from "@storage/local";
import { describe, expect, test } from "vitest";
import { rejection } from "./rejection.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const secret = "a secret of this test";

async function opened(): Promise<{ readonly basePath: string; readonly store: LocalBackend }> {
  const basePath = await temporaryFolder();
  return { basePath, store: new LocalBackend({ basePath, secret }) };
}

const text = async (store: LocalBackend, key: string): Promise<string> =>
  Buffer.from(await store.get(key)).toString();

describe("a key and a folder of the same name", () => {
  test.each([
    ["a", "a/b"],
    ["a", "a/b/c"],
    ["a/b", "a/b/c"],
  ])("cannot be both: %s stays, and %s is a conflict", async (first, second) => {
    const { store } = await opened();
    await store.put(first, "first", { metadata: { of: "first" } });
    await store.put("x", "other");
    await rejection(store.put(second, "second"), "KeyConflict");
    await rejection(store.put(second, "second", { ifNoneMatch: "*" }), "KeyConflict");
    await rejection(store.copy("x", second), "KeyConflict");
    await rejection(store.move("x", second), "KeyConflict");
    expect(await text(store, first)).toBe("first");
    expect((await store.getMetadata(first)).metadata).toEqual({ of: "first" });
    expect(await store.listKeys()).toEqual([first, "x"]);
  });

  test.each([
    ["a/b", "a"],
    ["a/b/c", "a"],
    ["a/b/c", "a/b"],
  ])("cannot be both: %s stays, and %s is a conflict, the other way round", async (first, second) => {
    const { store } = await opened();
    await store.put(first, "first", { metadata: { of: "first" } });
    await store.put("x", "other");
    await rejection(store.put(second, "second"), "KeyConflict");
    await rejection(store.put(second, "second", { ifNoneMatch: "*" }), "KeyConflict");
    await rejection(store.copy("x", second), "KeyConflict");
    await rejection(store.move("x", second), "KeyConflict");
    expect(await text(store, first)).toBe("first");
    expect(await store.listKeys()).toEqual([first, "x"]);
  });

  test("the folder is no object to any read, and its objects survive a delete of it", async () => {
    const { store } = await opened();
    await store.put("a/b", "1");
    await rejection(store.get("a"), "FileNotFound");
    await rejection(store.open("a"), "FileNotFound");
    await rejection(store.getMetadata("a"), "FileNotFound");
    await rejection(store.copy("a", "c"), "FileNotFound");
    await rejection(store.move("a", "c"), "FileNotFound");
    expect(await store.exists("a")).toBe(false);
    expect(await store.delete("a")).toBe(false);
    expect(await store.listKeys()).toEqual(["a/b"]);
  });

  test("what would lie in a file is not there", async () => {
    const { store } = await opened();
    await store.put("a", "1");
    await rejection(store.get("a/b"), "FileNotFound");
    await rejection(store.getMetadata("a/b"), "FileNotFound");
    expect(await store.exists("a/b")).toBe(false);
    expect(await store.delete("a/b")).toBe(false);
    await rejection(store.copy("a/b", "c"), "FileNotFound");
    await rejection(store.move("a/b", "c"), "FileNotFound");
    expect(await store.listKeys({ prefix: "a/" })).toEqual([]);
  });
});

describe("empty folders", () => {
  test("go with their last object, as far up as they are empty", async () => {
    const { store, basePath } = await opened();
    await store.put("a/b/c/d", "1");
    await store.put("a/x", "1");
    await store.delete("a/b/c/d");
    expect(readdirSync(join(basePath, "a"))).toEqual(["x"]);
    await store.move("a/x", "y");
    expect(readdirSync(basePath).sort()).toEqual([".storage", "y"]);
  });

  test("are in nobody's way, however deep", async () => {
    const { store, basePath } = await opened();
    for (const key of ["put", "create", "copy", "move"])
      mkdirSync(join(basePath, key, "x/y/z"), { recursive: true });
    mkdirSync(join(basePath, "put/w"));
    await store.put("put", "1");
    await store.put("create", "1", { ifNoneMatch: "*" });
    await store.copy("put", "copy");
    await store.move("create", "move");
    expect(await store.listKeys()).toEqual(["copy", "move", "put"]);
  });

  test("stay where a folder beside them holds something", async () => {
    const { store, basePath } = await opened();
    mkdirSync(join(basePath, "a/empty/x"), { recursive: true });
    await store.put("a/full/y", "1");
    await rejection(store.put("a", "2"), "KeyConflict");
    expect(await text(store, "a/full/y")).toBe("1");
  });

  test("are not left by a write that fails", async () => {
    const { store, basePath } = await opened();
    await store.put("x", "1");
    await rejection(store.put("a/b/c", "1", { ifMatch: "none" }), "PreconditionFailed");
    await rejection(store.copy("x", "c/d/e", { ifMatch: "none" }), "PreconditionFailed");
    await rejection(store.put(`d/${"e/".repeat(100)}f`, "1", { size: 2 }), "InvalidArgument");
    expect(readdirSync(basePath).sort()).toEqual([".storage", "x"]);
  });
});

describe("a symbolic link in the tree to a folder in the tree", () => {
  test("is a folder: its objects are listed and read, and its name is no object", async () => {
    const { store, basePath } = await opened();
    await store.put("real/x", "1");
    symlinkSync("real", join(basePath, "link"));
    expect(await store.listKeys()).toEqual(["link/x", "real/x"]);
    expect(await text(store, "link/x")).toBe("1");
    await rejection(store.get("link"), "FileNotFound");
    expect(await store.exists("link")).toBe(false);
    expect(await store.delete("link")).toBe(false);
    await rejection(store.put("link", "2"), "KeyConflict");
    await rejection(store.put("link", "2", { ifNoneMatch: "*" }), "KeyConflict");
    await rejection(store.copy("real/x", "link"), "KeyConflict");
    await rejection(store.move("real/x", "link"), "KeyConflict");
    expect(existsSync(join(basePath, "link/x"))).toBe(true);
    await store.put("link/y", "2");
    expect(readFileSync(join(basePath, "real/y"), "utf8")).toBe("2");
  });
});

test("a link to a file in the tree is read through, and a write replaces the link, not the file", async () => {
  const { store, basePath } = await opened();
  await store.put("real", "1");
  symlinkSync("real", join(basePath, "link"));
  expect(await text(store, "link")).toBe("1");
  expect(await store.listKeys()).toEqual(["link", "real"]);
  await rejection(store.put("link", "2", { ifNoneMatch: "*" }), "PreconditionFailed");
  await store.put("link", "2");
  expect(await text(store, "real")).toBe("1");
  expect(await text(store, "link")).toBe("2");
  symlinkSync("real", join(basePath, "again"));
  expect(await store.delete("again")).toBe(true);
  expect(await text(store, "real")).toBe("1");
});
