import { describe, expect, test, vi } from "vitest";
import { parseHttpDate } from "../src/http-date.ts";
import { raw, site } from "./site.ts";

/** A file of one etag and one time, and the status that headers with these words in them give. */
async function file() {
  const { backend } = await site();
  const { etag } = await backend.put("a.txt", "hello");
  const link = await backend.getUrl("a.txt");
  const { lastModified } = await backend.getMetadata("a.txt");
  const at = (seconds: number): string => new Date(lastModified.getTime() + seconds * 1000).toUTCString();
  const words: Record<string, string> = {
    ETAG: `"${etag}"`,
    NOW: at(0),
    BEFORE: at(-10),
    AFTER: at(10),
  };
  const filled = (headers: Record<string, string>): Record<string, string> =>
    Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [
        name,
        value.replace(/ETAG|NOW|BEFORE|AFTER/g, (word) => words[word] ?? word),
      ]),
    );
  return {
    backend,
    lastModified,
    ask: (headers: Record<string, string>, method = "GET") => raw(link, { method, headers: filled(headers) }),
  };
}

describe("RFC 9110, 13.2.2:", () => {
  test.each([
    // If-None-Match: weak comparison
    [304, { "if-none-match": "ETAG" }],
    [304, { "if-none-match": "W/ETAG" }],
    [304, { "if-none-match": '"other", W/ETAG' }],
    [304, { "if-none-match": '"other",ETAG' }],
    [304, { "if-none-match": "*" }],
    [200, { "if-none-match": '"other"' }],
    [200, { "if-none-match": '"a,ETAG"' }],
    [200, { "if-none-match": "nonsense" }],
    // If-Modified-Since: only without If-None-Match, and only when it is a date
    [304, { "if-modified-since": "NOW" }],
    [304, { "if-modified-since": "AFTER" }],
    [200, { "if-modified-since": "BEFORE" }],
    [200, { "if-modified-since": "2150-01-01" }],
    [200, { "if-modified-since": "nonsense" }],
    [200, { "if-none-match": '"other"', "if-modified-since": "AFTER" }],
    [304, { "if-none-match": "ETAG", "if-modified-since": "BEFORE" }],
    // If-Match: strong comparison
    [200, { "if-match": "ETAG" }],
    [200, { "if-match": '"other", ETAG' }],
    [200, { "if-match": "*" }],
    [412, { "if-match": '"other"' }],
    [412, { "if-match": "W/ETAG" }],
    [412, { "if-match": "nonsense" }],
    // If-Unmodified-Since: only without If-Match
    [200, { "if-unmodified-since": "NOW" }],
    [412, { "if-unmodified-since": "BEFORE" }],
    [200, { "if-unmodified-since": "nonsense" }],
    [200, { "if-match": "ETAG", "if-unmodified-since": "BEFORE" }],
    [412, { "if-match": '"other"', "if-unmodified-since": "AFTER" }],
    // the order
    [304, { "if-match": "ETAG", "if-none-match": "ETAG" }],
    [412, { "if-match": '"other"', "if-none-match": "ETAG" }],
    [412, { "if-unmodified-since": "BEFORE", "if-modified-since": "AFTER" }],
    [304, { "if-none-match": "ETAG", range: "bytes=0-0" }],
    [412, { "if-match": '"other"', range: "bytes=0-0" }],
    [206, { "if-match": "ETAG", range: "bytes=0-0" }],
  ] as [number, Record<string, string>][])("%i for %j, on GET and HEAD", async (status, headers) => {
    const { ask } = await file();
    expect((await ask(headers)).status).toBe(status);
    expect((await ask(headers, "HEAD")).status).toBe(status === 206 ? 200 : status);
  });
});

test("a 304 says what a cache has to know, and has no body", async () => {
  const { ask } = await file();
  const { headers, body } = await ask({ "if-none-match": "ETAG" });
  expect(body.length).toBe(0);
  expect(headers.etag).toBeDefined();
  expect(headers["last-modified"]).toBeDefined();
  expect(headers["cache-control"]).toMatch(/^private, max-age=\d+$/);
  expect(headers["content-length"]).toBeUndefined();
});

test("the two obsolete forms of a date are read", async () => {
  const { ask, lastModified } = await file();
  const [day = "", date = "", month = "", year = "", time = ""] = lastModified
    .toUTCString()
    .replace(",", "")
    .split(" ");
  const weekday = lastModified.toLocaleDateString("en", { weekday: "long", timeZone: "UTC" });
  const rfc850 = `${weekday}, ${date}-${month}-${year.slice(2)} ${time} GMT`;
  const asctime = `${day} ${month} ${date.replace(/^0/, " ")} ${time} ${year}`;
  for (const form of [rfc850, asctime]) {
    expect((await ask({ "if-modified-since": form })).status, form).toBe(304);
    expect((await ask({ "if-unmodified-since": form })).status, form).toBe(200);
  }
});

test("a date is in GMT, wherever the server stands", () => {
  vi.stubEnv("TZ", "Asia/Kolkata");
  expect(new Date(0).getHours()).toBe(5);
  for (const form of [
    "Sun, 06 Nov 1994 08:49:37 GMT",
    "Sunday, 06-Nov-94 08:49:37 GMT",
    "Sun Nov  6 08:49:37 1994",
  ]) {
    expect(parseHttpDate(form), form).toBe(784_111_777);
  }
  vi.unstubAllEnvs();
});

test("a condition on a missing file is 404", async () => {
  const { ask, backend } = await file();
  await backend.delete("a.txt");
  for (const headers of [{ "if-match": "*" }, { "if-none-match": "*" }, { "if-match": "ETAG" }]) {
    expect((await ask(headers as Record<string, string>)).status).toBe(404);
  }
});

test("a file that changes between the comparison and the opening is compared again", async () => {
  const { ask, backend } = await file();
  const open = backend.open.bind(backend);
  vi.spyOn(backend, "open").mockImplementationOnce(async (...parameters) => {
    await backend.put("a.txt", "changed");
    return open(...parameters);
  });
  const { status, body } = await ask({ "if-none-match": '"other"' });
  expect([status, body.toString()]).toEqual([200, "changed"]);
});

test("a file that changes every time is 503, not a file that was never compared", async () => {
  const { ask, backend } = await file();
  const open = backend.open.bind(backend);
  vi.spyOn(backend, "open").mockImplementation(async (...parameters) => {
    await backend.put("a.txt", "changed");
    return open(...parameters);
  });
  expect((await ask({ "if-none-match": '"other"' })).status).toBe(503);
});
