import { check, equal, fails } from "../assertions.ts";
import { type ConformanceGroup, group, has, type Run, when } from "../conformance-case.ts";
import { randomBytes, textOf } from "../samples.ts";

type Range = { start: number; end?: number } | { suffix: number };

const text = "arbitrary data";

/** What of `text` a range gives. */
const parts: Readonly<Record<string, readonly [Range, string]>> = {
  "from the middle": [{ start: 3, end: 7 }, "itra"],
  "from the start": [{ start: 0, end: 2 }, "ar"],
  "of one byte": [{ start: 0, end: 1 }, "a"],
  "of the last byte": [{ start: 13, end: 14 }, "a"],
  "with no end": [{ start: 3 }, "itrary data"],
  "of the whole": [{ start: 0 }, text],
  "at the end, by its length": [{ suffix: 2 }, "ta"],
  "at the end, longer than the object": [{ suffix: 100 }, text],
  "that ends past the object": [{ start: 2, end: 100 }, "bitrary data"],
  "that ends where it starts": [{ start: 5, end: 5 }, ""],
  "of the last no bytes": [{ suffix: 0 }, ""],
};

const gives = Object.fromEntries(
  Object.entries(parts).map(([what, [range, expected]]): [string, Run] => [
    `a range ${what}`,
    async ({ backend }) => {
      await backend.put("key", text);
      equal(textOf(await backend.get("key", { range })), expected, "get");
      const object = await backend.open("key", { range });
      equal(object.size, text.length, "the size is the whole object's");
      equal(
        (object.range?.end ?? 0) - (object.range?.start ?? 0),
        expected.length,
        "the length of the range",
      );
      equal(text.slice(object.range?.start, object.range?.end), expected, "where the range lies");
      equal(await object.text(), expected, "open");
    },
  ]),
);

const nonsense: readonly unknown[] = [
  { start: -1 },
  { start: 5, end: 4 },
  { start: 1.5 },
  { start: 0, end: 1.5 },
  { start: Number.NaN },
  { start: 2 ** 53 },
  { suffix: -1 },
  { suffix: 0.5 },
  { start: 0, suffix: 5 },
  { end: 5 },
  {},
  "0-5",
  { start: "0" },
  { start: 0, lenght: 5 },
];

export const ranges: ConformanceGroup = group("Ranges", {
  ...Object.fromEntries(Object.entries(gives).map(([name, run]) => [name, when(has("rangeReads"), run)])),
  "a range that starts at the end is RangeNotSatisfiable": when(has("rangeReads"), async ({ backend }) => {
    await backend.put("key", text);
    await fails(backend.get("key", { range: { start: text.length } }), "RangeNotSatisfiable");
    await fails(backend.open("key", { range: { start: 14, end: 20 } }), "RangeNotSatisfiable");
    await fails(backend.get("key", { range: { start: 14, end: 14 } }), "RangeNotSatisfiable");
  }),
  "a range that starts past the end is RangeNotSatisfiable": when(has("rangeReads"), async ({ backend }) => {
    await backend.put("key", text);
    await fails(backend.get("key", { range: { start: 200, end: 300 } }), "RangeNotSatisfiable");
  }),
  "of an empty object a range of bytes is RangeNotSatisfiable": when(
    has("rangeReads"),
    async ({ backend }) => {
      await backend.put("key", "");
      for (const range of [{ start: 0 }, { start: 0, end: 5 }, { start: 1 }, { suffix: 1 }])
        await fails(backend.get("key", { range }), "RangeNotSatisfiable");
      equal(await backend.get("key", { range: { suffix: 0 } }), new Uint8Array(), "the last no bytes");
    },
  ),
  "of a missing object any range is FileNotFound": when(has("rangeReads"), async ({ backend }) => {
    for (const range of [{ start: 0 }, { start: 5, end: 5 }, { suffix: 0 }, { suffix: 5 }])
      await fails(backend.get("key", { range }), "FileNotFound");
  }),
  "a range that makes no sense is refused before the object is looked for": when(
    has("rangeReads"),
    async ({ backend }) => {
      for (const range of nonsense)
        await fails(backend.get("missing", { range: range as Range }), "InvalidArgument");
    },
  ),
  "ranges may overlap": when(has("rangeReads"), async ({ backend }) => {
    await backend.put("key", text);
    const found = await Promise.all(
      (
        [
          [0, 5],
          [2, 6],
          [3, 9],
        ] as const
      ).map(async ([start, end]) => textOf(await backend.get("key", { range: { start, end } }))),
    );
    equal(found, ["arbit", "bitr", "itrary"], "the ranges");
  }),
  "a range of a large object": when(has("rangeReads"), async ({ backend }) => {
    const large = randomBytes(8 * 1024 * 1024, 11);
    await backend.put("key", large);
    const range = { start: 3_145_728, end: 5_242_881 };
    equal(await backend.get("key", { range }), large.slice(range.start, range.end), "the range");
  }),
  "a range is of the stored bytes, encoded or not": when(
    has("rangeReads", "contentEncoding"),
    async ({ backend }) => {
      await backend.put("key", text, { contentEncoding: "gzip" });
      equal(textOf(await backend.get("key", { range: { start: 3, end: 7 } })), "itra", "the range");
    },
  ),
  "maxBytes is about the range": when(has("rangeReads"), async ({ backend }) => {
    await backend.put("key", text);
    equal(
      textOf(await backend.get("key", { range: { start: 3, end: 7 }, maxBytes: 4 })),
      "itra",
      "the range",
    );
    await fails(backend.get("key", { range: { start: 3, end: 8 }, maxBytes: 4 }), "TooLarge");
  }),
  "a range comes with what is told of the whole object": when(
    has("rangeReads", "contentType", "userMetadata"),
    async ({ backend }) => {
      await backend.put("key", text, { contentType: "text/csv", metadata: { a: "b" } });
      const { lastModified, ...whole } = await backend.getMetadata("key");
      for (const range of [{ start: 3, end: 7 }, { suffix: 2 }, { start: 5, end: 5 }, { suffix: 0 }]) {
        const { key, size, contentType, etag, metadata, ...others } = await backend.open("key", { range });
        equal({ key, size, contentType, etag, metadata }, whole, "the facts");
        check(Math.abs(others.lastModified.getTime() - lastModified.getTime()) < 1000, "the same second");
      }
    },
  ),
  "what the reader has already is NotModified, whatever the range": when(
    has("rangeReads"),
    async ({ backend }) => {
      const { etag } = await backend.put("key", text);
      for (const range of [{ start: 3, end: 7 }, { suffix: 2 }, { start: 5, end: 5 }]) {
        await fails(backend.get("key", { range, ifNoneMatch: etag }), "NotModified");
        await fails(backend.open("key", { range, ifNoneMatch: etag }), "NotModified");
        await fails(backend.open("key", { range, ifMatch: "stale" }), "PreconditionFailed");
        await backend.get("key", { range, ifMatch: etag, ifNoneMatch: "another" });
      }
    },
  ),
  "conditions are looked at before a range": when(has("rangeReads"), async ({ backend }) => {
    await backend.put("key", text);
    await fails(backend.get("key", { range: { start: 0, end: 1 }, ifMatch: "stale" }), "PreconditionFailed");
    await fails(backend.get("key", { range: { start: 1, end: 1 }, ifMatch: "stale" }), "PreconditionFailed");
  }),
});
