import { spawnSync } from "node:child_process";
import * as nodeFs from "node:fs";
import { chmodSync, chownSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { compareKeys, type ListEntry, type ListPage } from "@storage/core";
import { LocalBackend } from "@storage/local";
import { describe, expect, test } from "vitest";
import { available } from "../../../scripts/requirements.ts";
import { keys as conformanceKeys, fixtures } from "../../core/test/conformance-data.ts";
import { runChild } from "./child-report.ts";
import { rejection } from "./rejection.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const secret = "a secret of this test";

async function withFiles(names: readonly string[]): Promise<{ basePath: string; store: LocalBackend }> {
  const basePath = await temporaryFolder();
  for (const name of names) {
    mkdirSync(join(basePath, name, ".."), { recursive: true });
    writeFileSync(join(basePath, name), name);
  }
  return { basePath, store: new LocalBackend({ basePath, secret, durability: "none" }) };
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** Every page, keys and prefixes as one list in their order. */
async function pages(
  store: LocalBackend,
  options: { prefix?: string; delimiter?: string; startAfter?: string; limit: number },
): Promise<string[]> {
  const found: string[] = [];
  let page: ListPage | undefined;
  do {
    page = await store.listPage({ ...options, ...(page?.cursor !== undefined && { cursor: page.cursor }) });
    const names = [...page.entries.map(({ key }) => key), ...page.prefixes].sort(compareKeys);
    expect(names.length).toBeLessThanOrEqual(options.limit);
    found.push(...names);
  } while (page.cursor !== undefined);
  return found;
}

/** What the listing has to be, said plainly. */
function expected(keys: readonly string[], prefix = "", delimiter?: string, startAfter = ""): string[] {
  const folded = keys
    .filter((key) => key.startsWith(prefix) && (startAfter === "" || compareKeys(key, startAfter) > 0))
    .map((key) => {
      const at = delimiter === undefined ? -1 : key.indexOf(delimiter, prefix.length);
      return at === -1 ? key : key.slice(0, at + (delimiter ?? "").length);
    });
  return [...new Set(folded)].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

const tricky = [
  "a-",
  "a--/x",
  "a.b",
  "a/-",
  "a/b/c",
  "a/b-c",
  "a/b.c/d",
  "a0",
  "a00/x",
  "A",
  "B/x",
  "ab/c",
  "ab-c",
  "z\u{1f600}",
  "z\u{1f600}/x".replace("\u{1f600}/", "\u{1f601}/"),
  "z\uff5e",
  "z\uffff/x",
  "z\u00e9",
  "ze\u0301",
  "z\ud7ff",
  "z\ue000",
  "b a/c",
  " lead",
  "%2e",
  "#",
  "!",
  "~",
  "t-/t.",
  "t/t/t",
  "d",
  "dir1/x",
  "dir2/testFile1dir2",
];

describe("order", () => {
  test("is that of the UTF-8 bytes of whole keys, at every page size", async () => {
    const { store } = await withFiles(tricky);
    const sorted = expected(tricky);
    expect(await store.listKeys()).toEqual(sorted);
    expect((await all(store.list())).map(({ key }) => key)).toEqual(sorted);
    for (let limit = 1; limit <= 10; limit++) {
      expect(await pages(store, { limit })).toEqual(sorted);
      expect(await pages(store, { limit, delimiter: "/" })).toEqual(expected(tricky, "", "/"));
      expect(await pages(store, { limit, prefix: "a", delimiter: "/" })).toEqual(expected(tricky, "a", "/"));
      expect(await pages(store, { limit, prefix: "a/", delimiter: "-" })).toEqual(
        expected(tricky, "a/", "-"),
      );
    }
  });

  test("goes on after any key and any prefix, and begins at any prefix", async () => {
    const { store } = await withFiles(tricky);
    for (const place of [...tricky, "a", "a/", "a/b", "a/b/", "b", "t-", "t", "zz", " ", "z\u{1f600}"]) {
      expect(await pages(store, { limit: 1000, startAfter: place }), `after ${place}`).toEqual(
        expected(tricky, "", undefined, place),
      );
      expect(await store.listKeys({ prefix: place }), `prefix ${place}`).toEqual(expected(tricky, place));
      expect(await pages(store, { limit: 3, startAfter: place, prefix: "a" })).toEqual(
        expected(tricky, "a", undefined, place),
      );
    }
  });

  test.each(["/", "abc", "%", " ", ".", "-", "/b"])("folds at the delimiter %j", async (delimiter) => {
    const keys = [
      "b/ar",
      "b/az",
      "c/ab",
      "foo",
      "b%ar",
      "b az",
      "b.ar",
      "xabc1",
      "xabc2/y",
      "x/babc",
      "a-b/c-d",
    ];
    const { store } = await withFiles(keys);
    for (const limit of [1, 2, 1000])
      expect(await pages(store, { limit, delimiter })).toEqual(expected(keys, "", delimiter));
    for (const limit of [1, 1000])
      expect(await pages(store, { limit, delimiter, prefix: "b" })).toEqual(expected(keys, "b", delimiter));
  });

  test("holds for what is in the fixtures of other stores", async () => {
    for (const [name, list] of Object.entries(fixtures.listFixtures)) {
      const keys = list.filter(
        (key): key is string => typeof key === "string" && conformanceKeys.legal.includes(key),
      );
      const { store } = await withFiles(keys);
      for (const limit of [1, 2, 1000]) {
        expect(await pages(store, { limit }), name).toEqual(expected(keys));
        expect(await pages(store, { limit, delimiter: "/" }), name).toEqual(expected(keys, "", "/"));
      }
    }
  });
});

test("entries carry what getMetadata says, and a limit is met exactly", async () => {
  const { store } = await withFiles(["foreign.txt"]);
  await store.put("a/b", "12345", { metadata: { a: "b" } });
  await store.put("a/c", "");
  const entries: ListEntry[] = await all(store.list());
  for (const { key, size, etag, lastModified } of entries) {
    expect(await store.getMetadata(key)).toMatchObject({ size, etag, lastModified });
  }
  expect(entries.map(({ key, size }) => [key, size])).toEqual([
    ["a/b", 5],
    ["a/c", 0],
    ["foreign.txt", 11],
  ]);
  expect(await store.listKeys({ limit: 0 })).toEqual([]);
  expect(await store.listKeys({ limit: 2 })).toEqual(["a/b", "a/c"]);
  expect((await all(store.list({ limit: 1 }))).length).toBe(1);
});

describe("what a listing opens and looks at", () => {
  interface Counted {
    readonly store: LocalBackend;
    readonly opened: string[];
    readonly looks: () => number;
  }

  async function counted(names: readonly string[]): Promise<Counted> {
    const { basePath } = await withFiles(names);
    const opened: string[] = [];
    let looks = 0;
    const readdir = (path: string, ...rest: unknown[]): void => {
      if (!path.includes(".storage")) opened.push(path.slice(basePath.length + 1));
      (nodeFs.readdir as (...all: unknown[]) => void)(path, ...rest);
    };
    const lstat = (path: string, ...rest: unknown[]): void => {
      if (!path.includes(".storage")) looks++;
      (nodeFs.lstat as (...all: unknown[]) => void)(path, ...rest);
    };
    const fs = { ...nodeFs, readdir, lstat } as unknown as typeof nodeFs;
    return { store: new LocalBackend({ basePath, secret, fs }), opened, looks: () => looks };
  }

  const names = Array.from({ length: 400 }, (_, index) => `d${Math.floor(index / 20) % 20}/e${index % 20}/f`);

  test("is only what can hold the prefix", async () => {
    const { store, opened } = await counted(names);
    expect(await store.listKeys({ prefix: "d7/e3/" })).toEqual(["d7/e3/f"]);
    expect(opened).toEqual(["d7/e3"]);
    opened.length = 0;
    expect((await store.listKeys({ prefix: "d7/e1" })).length).toBe(11);
    expect(opened.every((path) => path === "d7" || path.startsWith("d7/e1"))).toBe(true);
    expect(opened.length).toBe(12);
  });

  test("is nothing that lies before startAfter", async () => {
    const { store, opened } = await counted(names);
    const found = await all(store.list({ startAfter: "d8/e5/f" }));
    expect(found.map(({ key }) => key)).toEqual(expected(names, "", undefined, "d8/e5/f"));
    expect([...opened].sort()).toEqual(
      ["", "d8", "d9", ...found.map(({ key }) => key.slice(0, -2)), "d8/e5"].sort(),
    );
  });

  test("is no more of a folded folder than shows that it holds something", async () => {
    const { store, opened, looks } = await counted(names);
    const page = await store.listPage({ delimiter: "/" });
    expect(page.prefixes.length).toBe(20);
    expect(opened.length).toBeLessThanOrEqual(1 + 2 * 20);
    expect(looks()).toBe(0);
  });

  test("is about as much as a page needs", async () => {
    const { store, opened, looks } = await counted(names);
    expect(await store.listKeys({ limit: 3 })).toEqual(expected(names).slice(0, 3));
    expect(opened.length).toBeLessThan(30);
    expect(looks()).toBe(0);
    expect((await store.listPage({ limit: 3 })).entries.length).toBe(3);
    expect(looks()).toBe(3);
  });
});

describe("while files come and go", () => {
  test("what stays is listed once, and nothing fails", { timeout: 60_000 }, async () => {
    const staying = Array.from({ length: 120 }, (_, index) => `s${index % 6}/t${index % 5}/k${index}`);
    const { basePath, store } = await withFiles(staying);
    let isOver = false;
    const coming = async (): Promise<void> => {
      for (let round = 0; !isOver; round++) {
        const key = `s${round % 6}/t${round % 7}/x${round}/y`;
        await store.put(key, "1");
        await store.delete(key);
      }
    };
    const work = [coming(), coming(), coming()];
    for (let round = 0; round < 10; round++) {
      const [listed, paged, entries] = await Promise.all([
        store.listKeys(),
        pages(store, { limit: 7 }),
        all(store.list({ prefix: "s3/" })),
      ]);
      expect(listed.filter((key) => key.includes("/k"))).toEqual(expected(staying));
      expect(paged.filter((key) => key.includes("/k"))).toEqual(expected(staying));
      expect(entries.map(({ key }) => key).filter((key) => key.includes("/k"))).toEqual(
        expected(staying, "s3/"),
      );
    }
    isOver = true;
    await Promise.all(work);
    expect(readdirSync(join(basePath, "s0")).sort()).toEqual(["t0", "t1", "t2", "t3", "t4"]);
  });

  test("a cursor stays right when its key is deleted, and another one is put behind it", async () => {
    const { store } = await withFiles(["0", "1", "2"]);
    const first = await store.listPage({ limit: 2 });
    await store.delete("1");
    await store.put("0a", "1");
    const next = await store.listPage({
      limit: 2,
      ...(first.cursor !== undefined && { cursor: first.cursor }),
    });
    expect(next.entries.map(({ key }) => key)).toEqual(["2"]);
  });
});

describe("what is no object", () => {
  test("FIFOs, sockets and devices are neither listed nor read, and nothing waits for them", async () => {
    const { basePath, store } = await withFiles(["real"]);
    spawnSync("mkfifo", [join(basePath, "fifo")]);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(basePath, "socket"), resolve));
    const isNode = spawnSync("mknod", [join(basePath, "device"), "c", "1", "5"]).status === 0;
    expect(await store.listKeys()).toEqual(["real"]);
    for (const key of ["fifo", "socket", ...(isNode ? ["device"] : [])]) {
      await rejection(store.get(key), "FileNotFound");
      await rejection(store.getMetadata(key), "FileNotFound");
      await rejection(store.copy(key, "x"), "FileNotFound");
      await rejection(store.move(key, "x"), "FileNotFound");
      await rejection(store.put(key, "1"), "KeyConflict");
      await rejection(store.put(key, "1", { ifNoneMatch: "*" }), "KeyConflict");
      await rejection(store.copy("real", key), "KeyConflict");
      await rejection(store.move("real", key), "KeyConflict");
      expect(await store.delete(key)).toBe(false);
      expect(await store.exists(key)).toBe(false);
    }
    server.close();
    expect(await store.listKeys()).toEqual(["real"]);
  });

  test("names that are no UTF-8 are left out, and their neighbours are not", async () => {
    const { basePath, store } = await withFiles(["a", "b/c", "with \ufffd mark"]);
    const bad = Buffer.concat([Buffer.from(`${basePath}/`), Buffer.from([0x66, 0xff, 0x67])]);
    writeFileSync(bad, "x");
    mkdirSync(Buffer.concat([bad, Buffer.from([0xfe])]));
    writeFileSync(Buffer.concat([bad, Buffer.from([0xfe]), Buffer.from("/inside")]), "x");
    expect(await store.listKeys()).toEqual(["a", "b/c", "with \ufffd mark"]);
    expect(Buffer.from(await store.get("with \ufffd mark")).toString()).toBe("with \ufffd mark");
  });

  test("our own folder, whatever it holds", async () => {
    const { basePath, store } = await withFiles([]);
    await store.put("a", "1", { metadata: { a: "b" } });
    for (const name of ["tmp/x", "meta/y", "lock/z", "foreign"])
      writeFileSync(join(basePath, ".storage", name), "x");
    writeFileSync(join(basePath, ".storage2"), "x");
    expect(await store.listKeys()).toEqual([".storage2", "a"]);
    expect(await store.listKeys({ prefix: ".storage" })).toEqual([".storage2"]);
  });
});

describe("links in the tree", () => {
  test("that lead in circles are not followed twice, wherever the listing begins", async () => {
    const { basePath, store } = await withFiles(["a/b/x", "a/y", "c/z"]);
    symlinkSync("../b", join(basePath, "a/b/itself"));
    symlinkSync("..", join(basePath, "a/up"));
    symlinkSync("../c", join(basePath, "a/c"));
    symlinkSync("../a", join(basePath, "c/a"));
    const keys = await store.listKeys();
    expect(keys).toEqual(["a/b/x", "a/c/z", "a/y", "c/a/b/x", "c/a/y", "c/z"]);
    for (const prefix of [
      "a/",
      "a/b/",
      "a/c/",
      "a/up/",
      "a/b/itself/",
      "c/",
      "c/a/",
      "c/a/b/",
      "c/a/c/",
      "a/c/a/",
    ])
      expect(await store.listKeys({ prefix }), prefix).toEqual(keys.filter((key) => key.startsWith(prefix)));
  });
});

describe("a folder that cannot be read", () => {
  const skip = !available("second-uid");

  test.skipIf(skip)("is an error, not a shorter list", async () => {
    const { basePath } = await withFiles(["a/x", "locked/sub/y", "named/z", "z/x"]);
    chmodSync(basePath, 0o755);
    chmodSync(join(basePath, "locked"), 0o000);
    chmodSync(join(basePath, "named"), 0o444);
    for (const name of ["locked", "named"]) chownSync(join(basePath, name), 65534, 65534);
    const outcomes = await runChild<Record<string, unknown>>("list-as-nobody", { basePath });
    expect(outcomes).toEqual({
      "whole list": "PermissionDenied",
      "whole keys": "PermissionDenied",
      "its own prefix": "PermissionDenied",
      "a prefix in it": "PermissionDenied",
      folded: "PermissionDenied",
      "names without facts": "PermissionDenied",
      "beside it": ["a/x"],
      "exists in it": "PermissionDenied",
    });
    rmSync(basePath, { recursive: true });
  });
});
