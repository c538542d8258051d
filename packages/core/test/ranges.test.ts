import { Backend, type ByteRange, resolveRange } from "@storage/core";
import { describe, expect, test } from "vitest";
import { failure } from "./expect-failure.ts";
import { MapDriver } from "./map-driver.ts";

const text = "abcdefghijklmnopqrstuvwxyz";

async function stored(): Promise<{ driver: MapDriver; backend: Backend }> {
  const driver = new MapDriver();
  const backend = new Backend(driver);
  await backend.put("a", text);
  await backend.put("empty", "");
  driver.requests.length = 0;
  return { driver, backend };
}

test.each<[ByteRange, string]>([
  [{ start: 10, end: 15 }, "klmno"],
  [{ start: 10 }, "klmnopqrstuvwxyz"],
  [{ start: 10, end: undefined }, "klmnopqrstuvwxyz"],
  [{ start: 0, end: 1 }, "a"],
  [{ start: 20, end: 100 }, "uvwxyz"],
  [{ start: 0, end: 26 }, text],
  [{ suffix: 3 }, "xyz"],
  [{ suffix: 100 }, text],
  [{ start: 4, end: 4 }, ""],
  [{ start: 0, end: 0 }, ""],
  [{ suffix: 0 }, ""],
])("%j of 26 bytes", async (range, expected) => {
  const { backend } = await stored();
  expect(new TextDecoder().decode(await backend.get("a", { range }))).toBe(expected);
  const object = await backend.open("a", { range });
  expect(object.size).toBe(26);
  const { start, end } = object.range ?? { start: -1, end: -1 };
  expect(text.slice(start, end)).toBe(expected);
  expect(await object.text()).toBe(expected);
});

test("an empty range is answered by a head: no service can be asked for nothing", async () => {
  const { driver, backend } = await stored();
  await backend.get("a", { range: { start: 4, end: 4 } });
  await backend.get("a", { range: { suffix: 0 } });
  expect(driver.requests.map(({ method }) => method)).toEqual(["head", "head"]);
});

test.each<[string, ByteRange]>([
  ["a", { start: 26 }],
  ["a", { start: 26, end: 26 }],
  ["a", { start: 200, end: 300 }],
  ["empty", { start: 0 }],
  ["empty", { start: 0, end: 0 }],
  ["empty", { suffix: 1 }],
])("of %s, %j is not satisfiable", async (key, range) => {
  const { backend } = await stored();
  await failure(backend.get(key, { range }), "RangeNotSatisfiable");
  await failure(backend.open(key, { range }), "RangeNotSatisfiable");
});

test("the last no bytes of an empty object are no bytes", async () => {
  const { backend } = await stored();
  expect(await backend.get("empty", { range: { suffix: 0 } })).toEqual(new Uint8Array());
});

describe("refused before any I/O", () => {
  test.each<unknown>([
    { start: -1 },
    { start: 5, end: 4 },
    { start: 1.5 },
    { start: 0, end: 1.5 },
    { start: Number.NaN },
    { start: 2 ** 53 },
    { start: "1" },
    { suffix: -1 },
    { suffix: 0.5 },
    { suffix: Number.POSITIVE_INFINITY },
    { suffix: 1, start: 0 },
    { suffix: 1, end: 0 },
    { end: 5 },
    {},
    { start: 0, length: 5 },
    null,
    "bytes=0-1",
    [0, 1],
  ])("%j", async (range) => {
    const { driver, backend } = await stored();
    await failure(backend.get("a", { range: range as ByteRange }), "InvalidArgument");
    await failure(backend.open("missing", { range: range as ByteRange }), "InvalidArgument");
    expect(driver.requests).toEqual([]);
  });
});

test("a range that is left out as undefined, and its parts, are no range", async () => {
  const { backend } = await stored();
  expect((await backend.get("a", { range: undefined })).length).toBe(26);
  const range = { suffix: 3, start: undefined, end: undefined } as unknown as ByteRange;
  expect((await backend.get("a", { range })).length).toBe(3);
  expect((await backend.open("a")).range).toBeUndefined();
});

test("a service that knows no ranges is not asked for one", async () => {
  const backend = new Backend(new MapDriver({ rangeReads: false }));
  await backend.put("a", text);
  await failure(backend.get("a", { range: { start: 0 } }), "NotSupported");
});

test("resolveRange is there for drivers", () => {
  expect(resolveRange({ start: 2, end: 100 }, 14)).toEqual({ start: 2, end: 14 });
  expect(resolveRange({ suffix: 2 }, 14)).toEqual({ start: 12, end: 14 });
});
