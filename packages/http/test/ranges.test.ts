import { describe, expect, test } from "vitest";
import { parseRange } from "../src/range-header.ts";
import { pattern, raw, site } from "./site.ts";

const content = pattern(100_000);

async function file() {
  const { backend } = await site();
  await backend.put("a.bin", content);
  const { etag, lastModified } = await backend.getMetadata("a.bin");
  const link = await backend.getUrl("a.bin");
  return {
    backend,
    etag,
    lastModified,
    ask: (headers: Record<string, string>, method = "GET") => raw(link, { headers, method }),
  };
}

describe("a range is sent as 206", () => {
  test.each([
    ["bytes=0-0", 0, 1],
    ["bytes=0-99999", 0, 100_000],
    ["bytes=0-", 0, 100_000],
    ["bytes=10-70009", 10, 70_010],
    ["bytes=99999-", 99_999, 100_000],
    ["bytes=5-1000000", 5, 100_000],
    ["bytes=5-99999999999999999999999", 5, 100_000],
    ["bytes=-1", 99_999, 100_000],
    ["bytes=-100001", 0, 100_000],
    ["bytes=-99999999999999999999999", 0, 100_000],
    ["BYTES= 1-2 ", 1, 3],
  ])("%s", async (range, start, end) => {
    const { ask } = await file();
    const { status, headers, body } = await ask({ range });
    expect(status).toBe(206);
    expect(headers["content-range"]).toBe(`bytes ${start}-${end - 1}/100000`);
    expect(headers["content-length"]).toBe(String(end - start));
    expect(body.equals(content.subarray(start, end))).toBe(true);
  });
});

describe("a range that starts past the end is 416 and tells the size", () => {
  test.each(["bytes=100000-", "bytes=100000-100001", "bytes=99999999999999999999999-", "bytes=-0"])(
    "%s",
    async (range) => {
      const { ask } = await file();
      const { status, headers } = await ask({ range });
      expect(status).toBe(416);
      expect(headers["content-range"]).toBe("bytes */100000");
    },
  );

  test.each(["bytes=0-", "bytes=0-0", "bytes=-1"])("%s of an empty file", async (range) => {
    const { backend } = await site();
    await backend.put("empty", "");
    const { status, headers } = await raw(await backend.getUrl("empty"), { headers: { range } });
    expect([status, headers["content-range"]]).toEqual([416, "bytes */0"]);
  });
});

describe("what is no single range of bytes is ignored: 200 with everything", () => {
  test.each([
    "bytes=0-1,5-6",
    "bytes=0-1,",
    "bytes=2-1",
    "bytes=-",
    "bytes=",
    "bytes=a-b",
    "bytes=1.5-2",
    "bytes=--1",
    "bytes 0-1",
    "items=0-1",
    "nonsense",
  ])("%s", async (range) => {
    const { ask } = await file();
    const { status, headers, body } = await ask({ range });
    expect(status).toBe(200);
    expect(headers["content-range"]).toBeUndefined();
    expect(body.equals(content)).toBe(true);
  });

  test("on HEAD, for which there are none", async () => {
    const { ask } = await file();
    const { status, headers } = await ask({ range: "bytes=0-1" }, "HEAD");
    expect([status, headers["content-length"]]).toEqual([200, "100000"]);
  });
});

describe("If-Range", () => {
  test("lets a range through while the etag or the time is still the file's", async () => {
    const { ask, etag, lastModified } = await file();
    for (const ifRange of [`"${etag}"`, lastModified.toUTCString()]) {
      expect((await ask({ range: "bytes=1-2", "if-range": ifRange })).status, ifRange).toBe(206);
    }
  });

  test("gives the whole file for another, a weak or a malformed one", async () => {
    const { ask, etag, lastModified } = await file();
    const later = new Date(lastModified.getTime() + 60_000).toUTCString();
    for (const ifRange of ['"other"', `W/"${etag}"`, etag, `"other", "${etag}"`, "*", later, "nonsense"]) {
      const { status, body } = await ask({ range: "bytes=1-2", "if-range": ifRange });
      expect([status, body.length], ifRange).toEqual([200, 100_000]);
    }
  });

  test("gives the whole new file in place of a 416 when the file became shorter", async () => {
    const { ask, backend, etag } = await file();
    await backend.put("a.bin", "short");
    const { status, body } = await ask({ range: "bytes=50000-", "if-range": `"${etag}"` });
    expect([status, body.toString()]).toEqual([200, "short"]);
  });

  test("means nothing without a range", async () => {
    const { ask } = await file();
    expect((await ask({ "if-range": '"other"' })).status).toBe(200);
  });
});

test("a backend that cannot read ranges says so, and sends everything", async () => {
  const { backend } = await site();
  await backend.put("a.bin", "hello");
  const capabilities = { ...backend.capabilities, rangeReads: false };
  Object.defineProperty(backend, "capabilities", { value: capabilities });
  const { status, headers, body } = await raw(await backend.getUrl("a.bin"), {
    headers: { range: "bytes=0-0" },
  });
  expect([status, headers["accept-ranges"], body.toString()]).toEqual([200, "none", "hello"]);
});

test("an end is inclusive in HTTP and exclusive with us", () => {
  expect(parseRange("bytes=2-2")).toEqual({ start: 2, end: 3 });
});
