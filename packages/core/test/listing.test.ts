import { Backend, compareKeys, type DriverPage, type ListCall } from "@storage/core";
import { describe, expect, test } from "vitest";
import { fixtures } from "./conformance-data.ts";
import { all, failure } from "./expect-failure.ts";
import { MapDriver } from "./map-driver.ts";

async function filled(
  keys: readonly string[],
  pageSize: number = 1000,
): Promise<{ driver: MapDriver; backend: Backend }> {
  const driver = new MapDriver();
  driver.pageSize = pageSize;
  const backend = new Backend(driver);
  for (const key of keys) await backend.put(key, key);
  return { driver, backend };
}

const thirty = Array.from({ length: 30 }, (_, index) => `k${String(index).padStart(2, "0")}`);

describe.each([1, 2, 3, 7, 1000])("over pages of the service of %i", (pageSize) => {
  test("limit is exact", async () => {
    const { backend, driver } = await filled(thirty, pageSize);
    for (const limit of [0, 1, 2, 5, 29, 30, 31]) {
      const expected = thirty.slice(0, limit);
      expect(await backend.listKeys({ limit })).toEqual(expected);
      expect((await all(backend.list({ limit }))).map(({ key }) => key)).toEqual(expected);
      expect((await backend.listPage({ limit })).entries.map(({ key }) => key)).toEqual(expected);
    }
    driver.requests.length = 0;
    await backend.listKeys({ limit: 0 });
    await all(backend.list({ limit: 0 }));
    expect(driver.requests).toEqual([]);
    expect((await all(backend.list())).length).toBe(30);
  });

  test("pages are a partition of the listing, for every size of page", async () => {
    const keys = ["testFile1", "t/t/t", "t-/t.", "dir1/a", "dir2/b", "dir2/c", "d"];
    const { backend } = await filled(keys, pageSize);
    for (let limit = 1; limit <= 8; limit++) {
      const names: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await backend.listPage({ limit, delimiter: "/", cursor });
        expect(page.entries.length + page.prefixes.length).toBeLessThanOrEqual(limit);
        names.push(...[...page.entries.map(({ key }) => key), ...page.prefixes].sort(compareKeys));
        cursor = page.cursor;
      } while (cursor !== undefined);
      expect(names).toEqual(["d", "dir1/", "dir2/", "t-/", "t/", "testFile1"]);
    }
  });

  test("startAfter is exclusive, and need not be a key", async () => {
    const { backend } = await filled(thirty, pageSize);
    for (const startAfter of ["k09", "k09a"]) {
      expect((await all(backend.list({ startAfter, limit: 2 }))).map(({ key }) => key)).toEqual([
        "k10",
        "k11",
      ]);
      expect((await backend.listPage({ startAfter })).entries[0]?.key).toBe("k10");
    }
  });
});

test("the order is that of UTF-8 bytes, also beyond the basic plane", async () => {
  const keys = ["\uffff", "😀", "z", "é", "a", "\ue000"];
  const { backend } = await filled(keys, 2);
  const sorted = keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  expect(await backend.listKeys()).toEqual(sorted);
  expect(sorted.at(-1)).toBe("😀");
});

test("a prefix is a plain string, not a folder", async () => {
  const { backend } = await filled(["foo/x", "foo.bar/y", "fo", "some[0]/f", "some1/f"]);
  expect(await backend.listKeys({ prefix: "foo" })).toEqual(["foo.bar/y", "foo/x"]);
  expect(await backend.listKeys({ prefix: "foo/" })).toEqual(["foo/x"]);
  expect(await backend.listKeys({ prefix: "some[" })).toEqual(["some[0]/f"]);
});

test.each(["/", "abc", "%", " ", ".", "\\"])("keys are folded at %j", async (delimiter) => {
  const keys = ["asdf", `boo${delimiter === "\\" ? "" : delimiter}bar`, "cquux"].filter((key) => key !== "");
  const { backend } = await filled(keys);
  const { entries, prefixes } = await backend.listPage({ delimiter });
  const folded = keys.filter((key) => key.includes(delimiter));
  expect(prefixes).toEqual(folded.map((key) => key.slice(0, key.indexOf(delimiter) + delimiter.length)));
  expect(entries.length).toBe(keys.length - folded.length);
});

test("listings of the well-known trees", async () => {
  for (const tree of ["goCloud_tree", "objectStore_delimiter", "s3tests_unordered"]) {
    const keys = (fixtures.listFixtures[tree] ?? []).filter((key) => key !== null);
    const { backend } = await filled(keys, 3);
    expect(await backend.listKeys()).toEqual(keys.toSorted(compareKeys));
  }
});

test("listKeys says names only and gives 1000 by default", async () => {
  const keys = Array.from({ length: 1005 }, (_, index) => `k${String(index).padStart(4, "0")}`);
  const { backend, driver } = await filled(keys);
  expect((await backend.listKeys()).length).toBe(1000);
  expect(driver.requests.at(-1)?.call.keysOnly).toBe(true);
  expect((await backend.listPage()).entries.length).toBe(1000);
  expect((await all(backend.list())).length).toBe(1005);
  expect((await backend.listKeys({ limit: 1004 })).length).toBe(1004);
});

test("entries carry what the metadata says", async () => {
  const { backend } = await filled(["a"]);
  const { key, size, etag, lastModified } = await backend.getMetadata("a");
  expect(await all(backend.list())).toEqual([{ key, size, etag, lastModified }]);
});

test.each([-1, 1.5, Number.NaN, "5", null])("the limit %j is refused before any I/O", async (limit) => {
  const { backend, driver } = await filled([]);
  const options = { limit: limit as number };
  await failure(backend.listKeys(options), "InvalidArgument");
  await failure(backend.list(options), "InvalidArgument");
  await failure(backend.listPage(options), "InvalidArgument");
  expect(driver.requests).toEqual([]);
});

test("an empty delimiter is refused", async () => {
  const { backend } = await filled([]);
  await failure(backend.listPage({ delimiter: "" }), "InvalidArgument");
});

describe("a cursor", () => {
  test("stays right while keys come and go behind and before it", async () => {
    for (const change of [
      (backend: Backend) => backend.put("0a", "x"),
      (backend: Backend) => backend.delete("1"),
    ]) {
      const { backend } = await filled(["0", "1", "2"]);
      const { cursor } = await backend.listPage({ limit: 2 });
      await change(backend);
      expect((await backend.listPage({ limit: 2, cursor })).entries.map(({ key }) => key)).toEqual(["2"]);
    }
  });

  test("of another query, or of nobody, is InvalidArgument", async () => {
    const { backend } = await filled(thirty);
    const { cursor = "" } = await backend.listPage({ limit: 2, prefix: "k" });
    expect((await backend.listPage({ cursor, prefix: "k", limit: 1 })).entries[0]?.key).toBe("k02");
    for (const query of [
      { cursor },
      { cursor, prefix: "k0" },
      { cursor, prefix: "k", delimiter: "/" },
      { cursor, prefix: "k", startAfter: "k" },
      { cursor: `${cursor}A`, prefix: "k" },
      { cursor: cursor.slice(4), prefix: "k" },
      { cursor: "", prefix: "k" },
      { cursor: "💥", prefix: "k" },
      { cursor: "bnVsbA", prefix: "k" },
    ]) {
      await failure(backend.listPage(query), "InvalidArgument");
    }
  });

  test("carries the service's own place along with ours", async () => {
    const calls: ListCall[] = [];
    const driver = new MapDriver();
    driver.list = async (call) => {
      calls.push(call);
      const entries = [{ key: `k${calls.length}`, size: 1, lastModified: new Date() }];
      return { entries, prefixes: [], more: true, cursor: `token-${calls.length}` };
    };
    const backend = new Backend(driver);
    const { cursor } = await backend.listPage({ limit: 2 });
    await backend.listPage({ limit: 1, cursor });
    expect(calls.map(({ after, cursor, limit }) => ({ after, cursor, limit }))).toEqual([
      { after: undefined, cursor: undefined, limit: 2 },
      { after: "k1", cursor: "token-1", limit: 1 },
      { after: "k2", cursor: "token-2", limit: 1 },
    ]);
  });
});

describe("a service that misbehaves", () => {
  const listing = (answer: (call: ListCall) => DriverPage): Backend => {
    const driver = new MapDriver();
    driver.list = async (call) => answer(call);
    return new Backend(driver);
  };
  const entry = { key: "a", size: 1, lastModified: new Date() };

  test("and repeats a page for ever is an error, not an endless loop", async () => {
    const repeated = listing(() => ({ entries: [entry], prefixes: [], more: true }));
    await failure(repeated.listKeys(), "Unknown");
    const empty = listing(() => ({ entries: [], prefixes: [], more: true, cursor: "same" }));
    await failure(empty.list(), "Unknown");
  });

  test("with empty pages in between is followed to the end", async () => {
    let pages = 0;
    const backend = listing(() => ({
      entries: ++pages === 5 ? [entry] : [],
      prefixes: [],
      more: pages < 5,
      cursor: `${pages}`,
    }));
    expect(await backend.listKeys()).toEqual(["a"]);
  });

  test("that names no size is an error of the adapter, but not where only names are asked for", async () => {
    const backend = listing(() => ({ entries: [{ key: "a" }], prefixes: [], more: false }));
    expect(await backend.listKeys()).toEqual(["a"]);
    await failure(backend.list(), "Unknown");
  });
});

test("foreign keys are listed as they are", async () => {
  const driver = new MapDriver();
  for (const key of ["a//b", "folder/", "a\\b"])
    driver.hold(key, new Uint8Array(), { contentType: "a/b", metadata: {}, internal: {} });
  expect(await new Backend(driver).listKeys()).toEqual(["a//b", "a\\b", "folder/"]);
});

test("a listing can be left, and its first page is asked for when it begins", async () => {
  const { backend, driver } = await filled(thirty, 10);
  driver.requests.length = 0;
  const listing = backend.list();
  expect(driver.requests).toEqual([]);
  for await (const { key } of listing) if (key === "k05") break;
  expect(driver.requests.length).toBe(1);
  await backend.close();
});

test("the objects of a page are the caller's own", async () => {
  const { backend } = await filled(["a"]);
  const { entries } = await backend.listPage();
  entries[0]?.lastModified.setTime(0);
  expect((await backend.getMetadata("a")).lastModified.getTime()).not.toBe(0);
});
