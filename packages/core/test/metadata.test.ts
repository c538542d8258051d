import { Backend, decodeMetadata, encodeMetadata } from "@storage/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fixtures } from "./conformance-data.ts";
import { failure } from "./expect-failure.ts";
import { MapDriver } from "./map-driver.ts";

const stored = async (metadata: object): Promise<Record<string, string>> => {
  const backend = new Backend(new MapDriver());
  const put = await backend.put("a", "x", { metadata: metadata as Record<string, string> });
  const { metadata: read } = await backend.getMetadata("a");
  expect(put.metadata).toEqual(read);
  return read;
};

const refused = async (metadata: object): Promise<void> => {
  const driver = new MapDriver();
  const options = { metadata: metadata as Record<string, string> };
  await failure(new Backend(driver).put("a", "x", options), "InvalidArgument");
  await failure(new Backend(driver).copy("a", "b", { replace: options }), "InvalidArgument");
  expect(driver.requests).toEqual([]);
};

test("names come back in lower case, values as strings", async () => {
  expect(await stored({ key_a: "value-a", kEy_B: "vAlUe", "1-c": 5, d: true, e: -0.5, f: "" })).toEqual({
    key_a: "value-a",
    key_b: "vAlUe",
    "1-c": "5",
    d: "true",
    e: "-0.5",
    f: "",
  });
});

test("two names that fold together are refused", () => refused({ abc: "foo", aBc: "bar" }));

test.each([...fixtures.metadata.proposed_rejectKeys, "a.b", "日本", "\u212a", "ı", "a/b", "a=b"])(
  "the name %j is refused",
  (name) => refused({ [name]: "x" }),
);

test("__proto__ and constructor are names as any other", async () => {
  const given = JSON.parse('{"__proto__":"x","constructor":"y"}');
  const read = await stored(given);
  expect(Object.entries(read)).toEqual([
    ["__proto__", "x"],
    ["constructor", "y"],
  ]);
  expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
});

const hasControl = (value: string): boolean => /\p{Cc}/u.test(value);
const values = [...fixtures.metadata.proposed_values, ...fixtures.metadata.goCloud_weird_keyEqualsValue];

test.each(values)("the value %j comes back as it was, or is refused", async (value) => {
  if (hasControl(value)) await refused({ a: value });
  else expect(await stored({ a: value })).toEqual({ a: value });
});

test.each(fixtures.metadata.proposed_rejectValues)("the value %j is refused", (value) =>
  refused({ a: value }),
);

test.each([null, {}, [], Number.NaN, Number.POSITIVE_INFINITY, 5n, Symbol("x"), () => {}])(
  "a value that is no string, number or boolean is refused (%#)",
  (value) => refused({ a: value }),
);

describe("at most 2048 bytes of names and values as encoded", () => {
  test("counted exactly", async () => {
    await stored({ a: "x".repeat(2047) });
    await refused({ a: "x".repeat(2048) });
    await stored({ a: "x".repeat(1000), b: "x".repeat(1046) });
    await refused({ a: "x".repeat(1000), b: "x".repeat(1047) });
  });

  test("also for values that have to be encoded, of any length", async () => {
    const encoded = encodeMetadata("é").length;
    expect(encoded).toBeGreaterThan(2);
    await refused({ a: "é".repeat(1023) });
    await refused({ a: "é".repeat(300_000) });
  });

  test("or fewer, where the provider holds fewer", async () => {
    const driver = new MapDriver();
    driver.limits = { ...driver.limits, metadataBytes: 10 };
    await new Backend(driver).put("a", "x", { metadata: { a: "123456789" } });
    await failure(new Backend(driver).put("a", "x", { metadata: { a: "1234567890" } }), "InvalidArgument");
  });
});

describe("encodeMetadata", () => {
  const plain = /^[ -~]*$/;

  test("gives printable ASCII without outer blanks, and decodeMetadata its inverse", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string({ unit: "grapheme" }),
      fc.string(),
      fc.constantFrom(" x", "x ", "=?UTF-8?B?eA==?=", "=?utf-8?q?x?=", "=?", "\ufeffx", "=?UTF-8?B??="),
    );
    fc.assert(
      fc.property(text, (value) => {
        const encoded = encodeMetadata(value);
        expect(encoded).toMatch(plain);
        expect(encoded).toBe(encoded.trim());
        expect(decodeMetadata(encoded)).toBe(value);
      }),
      { numRuns: 500 },
    );
    for (const value of values.filter((value) => value.isWellFormed()))
      expect(decodeMetadata(encodeMetadata(value))).toBe(value);
    expect(decodeMetadata(encodeMetadata("é".repeat(100_000))).length).toBe(100_000);
  });

  test("leaves what is plain as it is, for other tools to read", () => {
    expect(encodeMetadata("plain, with = and ? in it")).toBe("plain, with = and ? in it");
    expect(encodeMetadata("é")).toBe("=?UTF-8?B?w6k=?=");
  });

  test("what others wrote comes back as it is", () => {
    for (const value of [
      "=?UTF-8?Q?x?=",
      "=?UTF-8?B?not base64?=",
      "=?UTF-8?B?/w==?=",
      "=?UTF-8?B?a?=",
      "plain",
    ])
      expect(decodeMetadata(value)).toBe(value);
  });
});

describe("headers", () => {
  test.each([
    ["contentType", "text/plain"],
    ["contentType", "text/html; charset=utf-8"],
    ["contentType", "application/vnd.api+json;ext=1"],
    ["cacheControl", "no-cache, no-store, max-age=300"],
    ["contentDisposition", 'attachment; filename="filename.jpg"'],
    ["contentDisposition", "inline"],
    ["contentEncoding", "gzip"],
    ["contentEncoding", "deflate, gzip"],
  ])("%s %j comes back", async (name, value) => {
    const backend = new Backend(new MapDriver());
    expect(await backend.put("a", "x", { [name]: value })).toMatchObject({ [name]: value });
    expect(await backend.getMetadata("a")).toMatchObject({ [name]: value });
    expect(await backend.open("a")).toMatchObject({ [name]: value });
  });

  test.each([
    ["contentType", "application/octet/stream"],
    ["contentType", "text"],
    ["contentType", ""],
    ["contentType", "/plain"],
    ["contentType", "text/plain\r\nX-Injected: 1"],
    ["contentType", "text/plain\u0000"],
    ["contentType", " text/plain"],
    ["contentType", "tëxt/plain"],
    ["cacheControl", "no-cache\nX: 1"],
    ["cacheControl", ""],
    ["contentDisposition", "attachment; filename=\u007f"],
    ["contentEncoding", "gzip\r"],
    ["contentEncoding", ""],
    ["contentEncoding", ","],
  ])("%s %j is refused before any I/O", async (name, value) => {
    const driver = new MapDriver();
    await failure(new Backend(driver).put("a", "x", { [name]: value }), "InvalidArgument");
    expect(driver.requests).toEqual([]);
  });

  test("what is not set is not there", async () => {
    const backend = new Backend(new MapDriver());
    await backend.put("a", "x");
    const names = ["key", "size", "etag", "lastModified", "contentType", "metadata"].sort();
    expect(Object.keys(await backend.getMetadata("a")).sort()).toEqual(names);
  });

  test.each([
    ["gzip, aws-chunked", "gzip"],
    ["aws-chunked, gzip", "gzip"],
    ["aws-chunked", undefined],
    ["AWS-Chunked, aws-chunked", undefined],
  ])("contentEncoding %j is stored as %j", async (given, kept) => {
    const backend = new Backend(new MapDriver());
    await backend.put("a", "x", { contentEncoding: given });
    expect((await backend.getMetadata("a")).contentEncoding).toBe(kept);
  });
});

test("an overwrite leaves no attribute of the object before", async () => {
  const backend = new Backend(new MapDriver());
  await backend.put("a", "x", { metadata: { a: 1 }, cacheControl: "no-store", contentEncoding: "gzip" });
  await backend.put("a", "y");
  expect(await backend.getMetadata("a")).toMatchObject({ metadata: {} });
  expect(await backend.getMetadata("a")).not.toHaveProperty("cacheControl");
});

test("the metadata of a result is the caller's own", async () => {
  const backend = new Backend(new MapDriver());
  const given = { a: "1" };
  const put = await backend.put("a", "x", { metadata: given });
  given.a = "2";
  put.metadata.a = "3";
  (await backend.getMetadata("a")).metadata.a = "4";
  expect((await backend.getMetadata("a")).metadata).toEqual({ a: "1" });
});
