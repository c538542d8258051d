import {
  Backend,
  compareKeys,
  type StorageBackend,
  utf8Length,
  validateKey,
  validatePrefix,
  withPrefix,
} from "@storage/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { keys } from "./conformance-data.ts";
import { failure } from "./expect-failure.ts";
import { MapDriver } from "./map-driver.ts";

const methods: Record<string, (backend: StorageBackend, key: string) => Promise<unknown>> = {
  put: (backend, key) => backend.put(key, "x"),
  get: (backend, key) => backend.get(key),
  open: (backend, key) => backend.open(key),
  delete: (backend, key) => backend.delete(key),
  exists: (backend, key) => backend.exists(key),
  getMetadata: (backend, key) => backend.getMetadata(key),
  "copy (source)": (backend, key) => backend.copy(key, "other"),
  "copy (target)": (backend, key) => backend.copy("other", key),
  "move (source)": (backend, key) => backend.move(key, "other"),
  "move (target)": (backend, key) => backend.move("other", key),
  getUrl: (backend, key) => backend.getUrl(key),
  getUploadUrl: (backend, key) => backend.getUploadUrl(key),
};

const unusual = [5, null, undefined, {}, ["a"], Symbol("a"), true] as unknown as string[];

describe("a refused key is an InvalidKeyError before any I/O", () => {
  test.each(Object.keys(methods))("%s", async (name) => {
    const driver = new MapDriver();
    const backend = new Backend(driver);
    for (const key of [...keys.refused, ...unusual]) {
      const error = await failure(methods[name]?.(backend, key) ?? Promise.resolve(), "InvalidKey");
      expect(error.reason).not.toBe("");
    }
    expect(driver.requests).toEqual([]);
  });
});

test("every legal key comes back byte for byte, from every method", async () => {
  const backend = new Backend(new MapDriver());
  const all = [...keys.legal, ...keys.legalAlone];
  for (const key of all) {
    expect((await backend.put(key, key)).key).toBe(key);
    expect(new TextDecoder().decode(await backend.get(key))).toBe(key);
    expect((await backend.getMetadata(key)).key).toBe(key);
    expect((await backend.open(key)).key).toBe(key);
    expect(await backend.exists(key)).toBe(true);
    expect(await backend.listKeys({ prefix: key, limit: 1 })).toEqual([key]);
  }
  expect(await backend.listKeys()).toEqual([...new Set(all)].sort(compareKeys));
  expect((await backend.deleteMany(all)).deleted).toEqual(all);
});

test("a key has at most 1024 bytes and a segment 255, counted in UTF-8", () => {
  const long = [...Array(4).fill("s".repeat(255)), ""].join("/");
  expect(() => validateKey(long.slice(0, -1))).not.toThrow();
  expect(() => validateKey(`${long.slice(0, -1)}/s`)).toThrow("1024 bytes");
  expect(() => validateKey("s".repeat(256))).toThrow("255");
  expect(() => validateKey("é".repeat(127))).not.toThrow();
  expect(() => validateKey("é".repeat(128))).toThrow("255");
  expect(() => validateKey("😀".repeat(63))).not.toThrow();
  expect(() => validateKey("😀".repeat(64))).toThrow("255");
});

test.each([
  ".storage",
  ".storage/x",
  ".STORAGE/x",
  ".Storage",
  ".ſtorage/x",
  "․storage/x",
  ".sto\u00adrage/x",
  ".stor\u200bage/x",
  "．ｓｔｏｒａｇｅ/x",
  ".storage\ufe0f/x",
])("the reserved first segment is refused in the spelling %j", (key) => {
  expect(() => validateKey(key)).toThrow("reserved");
});

test.each(["a/.storage", ".storage2", "storage", ".storag", ".storage.txt"])("%s is not reserved", (key) => {
  expect(() => validateKey(key)).not.toThrow();
});

test("the error of a bad key names what is wrong and is fit for a log", async () => {
  const error = await failure(new Backend(new MapDriver()).get("a\u0000\n".padEnd(3000, "x")), "InvalidKey");
  expect(error.reason).toMatch(/control characters/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be there.
  expect(error.message).not.toMatch(/[\u0000-\u001f]/);
  expect(error.message.length).toBeLessThan(400);
  expect(error).toMatchObject({ operation: "get", backend: "MapBackend", outcome: "not-applied" });
});

describe("prefix and startAfter", () => {
  const backend = new Backend(new MapDriver());
  const legal = ["", "a", "a/", "a/b", "a/b/", "..", "a/..", ".", ".stor", ".storage", " ", "ü", "😀"];
  const refused = [
    "/",
    "/a",
    "a//",
    "a//b",
    "../",
    "../a",
    "./",
    "a/./",
    "a\\",
    "a\n",
    ".storage/",
    "\ud83d",
  ];

  test.each(legal)("%j may be a prefix", async (prefix) => {
    validatePrefix(prefix);
    expect(await backend.listKeys({ prefix })).toEqual([]);
    expect((await backend.listPage({ prefix, startAfter: prefix })).entries).toEqual([]);
  });

  const expectRefused = async (prefix: string): Promise<void> => {
    expect(() => validatePrefix(prefix)).toThrow();
    await failure(backend.listKeys({ prefix }), "InvalidKey");
    await failure(backend.listPage({ prefix }), "InvalidKey");
    await failure(backend.listPage({ startAfter: prefix }), "InvalidKey");
    await failure(backend.list({ prefix }), "InvalidKey");
    await failure(backend.list({ startAfter: prefix }), "InvalidKey");
    await failure(backend.list({ startAfter: prefix, limit: 0 }), "InvalidKey");
  };

  test.each(refused)("%j may not", expectRefused);

  test("what is too long, or no string, may not", async () => {
    const strange = unusual.filter((value) => value !== undefined);
    for (const prefix of ["x".repeat(256), "ab/".repeat(342), ...strange]) await expectRefused(prefix);
  });
});

test("what every key starts with is a legal prefix", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", minLength: 1, maxLength: 80 }), fc.nat(80), (key, cut) => {
      try {
        validateKey(key);
      } catch {
        return;
      }
      const prefix = key.slice(0, cut);
      if (prefix.isWellFormed()) validatePrefix(prefix);
    }),
  );
});

test("keys are ordered by their UTF-8 bytes, and their length is that of those bytes", () => {
  const text = fc.string({ unit: "binary", maxLength: 12 });
  fc.assert(
    fc.property(text, text, (a, b) => {
      const bytes = Buffer.compare(Buffer.from(a), Buffer.from(b));
      expect(Math.sign(compareKeys(a, b))).toBe(bytes);
      expect(utf8Length(a)).toBe(Buffer.byteLength(a));
    }),
    { numRuns: 500 },
  );
  expect(compareKeys("\uffff", "😀")).toBeLessThan(0);
});

test("a provider's narrower limits hold before any I/O", async () => {
  const driver = new MapDriver();
  driver.limits = { ...driver.limits, keyBytes: 20, segmentBytes: 10 };
  const backend = new Backend(driver);
  await failure(backend.get("é".repeat(6)), "InvalidKey");
  await failure(backend.put("aaaaaaaaaa/bbbbbbbbbb", "x"), "InvalidKey");
  await backend.put("é".repeat(5), "x");
  expect(driver.count("read")).toBe(0);
  expect(withPrefix(backend, "abc/").limits.keyBytes).toBe(16);
});
