import type { PutOptions, StorageBackend } from "@storage/core";
import { check, equal, fails } from "../assertions.ts";
import { type ConformanceGroup, group, has, type Run, when } from "../conformance-case.ts";
import { webStreamOf } from "../samples.ts";

const everything = {
  contentType: "text/html; charset=utf-8",
  cacheControl: "max-age=604800, private",
  contentDisposition: 'attachment; filename="test.html"',
  contentEncoding: "gzip",
  metadata: { author: "MinIO Test Suite", version: "1.0", test_key: "hello   world" },
} as const;

const headers = has("contentType", "cacheControl", "contentDisposition", "contentEncoding", "userMetadata");

async function metadataOf(backend: StorageBackend, metadata: PutOptions["metadata"]): Promise<object> {
  await backend.put("key", "x", { metadata });
  return (await backend.getMetadata("key")).metadata;
}

const values: Readonly<Record<string, readonly string[]>> = {
  "letters of any script": ["Hello World\u00e9", "\u65e5\u672c\u8a9e", "\u263a\u263a\u263a", "\u{1f600}"],
  "blanks, at the ends too": [" lead", "trail ", " both ", "a  b", " "],
  "no characters at all": [""],
  "the signs of headers and URLs": [
    "a=b;c,d",
    '"quoted"',
    "%41",
    "a/b?c#d",
    ":;<=>?",
    "[^_`{|}~",
    "foo//bar",
    "\\",
  ],
  "what looks encoded": ["=?UTF-8?Q?x?=", "=?UTF-8?B?eA==?=", "%E2%98%BA", "eA=="],
  "what looks like another type": ["null", "undefined", "true", "0", "12345", "{}"],
};

const roundTrips = Object.fromEntries(
  Object.entries(values).map(([what, texts]): [string, Run] => [
    `metadata values of ${what} come back as they were`,
    async ({ backend }) => {
      for (const text of texts)
        equal(await metadataOf(backend, { name: text }), { name: text }, "the metadata");
    },
  ]),
);

const unsafe = ["a\r\nX-Injected: 1", "a\nb", "a\rb", "a\u0000b", "a\u001fb", "a\u007fb", "\ud800"];

const refusedHeader =
  (name: "cacheControl" | "contentDisposition" | "contentEncoding"): Run =>
  async ({ backend }) => {
    for (const value of unsafe) await fails(backend.put("key", "x", { [name]: value }), "InvalidArgument");
    equal(await backend.exists("key"), false, "exists");
  };

export const metadata: ConformanceGroup = group("Metadata", {
  "all that can be stored beside the bytes comes back": when(headers, async ({ backend }) => {
    const put = await backend.put("key.bin", "x", everything);
    for (const found of [put, await backend.getMetadata("key.bin"), await backend.open("key.bin")]) {
      const { contentType, cacheControl, contentDisposition, contentEncoding, metadata: pairs } = found;
      equal(
        { contentType, cacheControl, contentDisposition, contentEncoding, metadata: pairs },
        everything,
        "the attributes",
      );
    }
  }),
  "a stream and an empty body have attributes too": when(headers, async ({ backend }) => {
    await backend.put("stream", webStreamOf(new Uint8Array(10)), everything);
    await backend.put("empty", "", everything);
    for (const key of ["stream", "empty"]) {
      const found = await backend.getMetadata(key);
      equal(
        [found.metadata, found.cacheControl],
        [everything.metadata, everything.cacheControl],
        "the attributes",
      );
    }
  }),
  "an object without attributes has none": async ({ backend }) => {
    await backend.put("key", "x");
    const {
      metadata: pairs,
      cacheControl,
      contentDisposition,
      contentEncoding,
    } = await backend.getMetadata("key");
    equal(
      [pairs, cacheControl, contentDisposition, contentEncoding],
      [{}, undefined, undefined, undefined],
      "the attributes",
    );
  },
  "an overwrite leaves nothing of the old attributes": when(headers, async ({ backend }) => {
    await backend.put("key", "x", everything);
    await backend.put("key", "y");
    const {
      metadata: pairs,
      cacheControl,
      contentDisposition,
      contentEncoding,
      contentType,
    } = await backend.getMetadata("key");
    equal(
      [pairs, cacheControl, contentDisposition, contentEncoding],
      [{}, undefined, undefined, undefined],
      "the attributes",
    );
    equal(contentType, "application/octet-stream", "the type");
  }),
  "an overwrite replaces metadata by metadata": when(has("userMetadata"), async ({ backend }) => {
    await metadataOf(backend, { key1: "value1", key2: "value2" });
    equal(
      await metadataOf(backend, { key3: "value3", key2: "new" }),
      { key3: "value3", key2: "new" },
      "the metadata",
    );
  }),
  ...Object.fromEntries(
    Object.entries(roundTrips).map(([name, run]) => [name, when(has("userMetadata"), run)]),
  ),
  "metadata names come back in lower case": when(has("userMetadata"), async ({ backend }) => {
    equal(
      await metadataOf(backend, { key_a: "a", kEy_B: "b", "X-C": "vAlUe" }),
      { key_a: "a", key_b: "b", "x-c": "vAlUe" },
      "the metadata",
    );
  }),
  "two names that fold together are refused": when(has("userMetadata"), async ({ backend }) => {
    await fails(metadataOf(backend, { abc: "foo", aBc: "bar" }), "InvalidArgument");
    equal(await backend.exists("key"), false, "exists");
  }),
  "names of other characters are refused": when(has("userMetadata"), async ({ backend }) => {
    for (const name of ["", "a b", "a:b", "a.b", "a\r\nb", "a\u0000b", "\ud800", "\u212a", "a/b"])
      await fails(metadataOf(backend, { [name]: "x" }), "InvalidArgument");
    equal(await backend.exists("key"), false, "exists");
  }),
  "names with digits, dashes and underscores are kept": when(has("userMetadata"), async ({ backend }) => {
    const pairs = { "a-b": "1", a_b: "2", "1a": "3", "x-amz-meta-a": "4", "content-type": "5", "-": "6" };
    equal(await metadataOf(backend, pairs), pairs, "the metadata");
  }),
  "values with control characters are refused": when(has("userMetadata"), async ({ backend }) => {
    for (const value of [...unsafe, "a\tb", "a\u0085b"])
      await fails(metadataOf(backend, { name: value }), "InvalidArgument");
    equal(await backend.exists("key"), false, "exists");
  }),
  "values that are no text, number or boolean are refused": when(has("userMetadata"), async ({ backend }) => {
    for (const value of [null, {}, [], Number.NaN, Number.POSITIVE_INFINITY])
      await fails(backend.put("key", "x", { metadata: { name: value } } as object), "InvalidArgument");
  }),
  "numbers and booleans come back as text": when(has("userMetadata"), async ({ backend }) => {
    equal(
      await metadataOf(backend, { count: 42, ratio: 1.5, done: false }),
      { count: "42", ratio: "1.5", done: "false" },
      "the metadata",
    );
  }),
  "metadata under the names of fields shadows none of them": when(
    has("userMetadata"),
    async ({ backend }) => {
      const pairs = { key: "k", size: "s", etag: "e", lastmodified: "l", metadata: "m", url: "u", body: "b" };
      await backend.put("real", "12345", { metadata: pairs });
      const found = await backend.getMetadata("real");
      equal([found.key, found.size, found.metadata], ["real", 5, pairs], "key, size and metadata");
    },
  ),
  "metadata may be named like what every object has": when(has("userMetadata"), async ({ backend }) => {
    const pairs = JSON.parse('{"__proto__":"x","constructor":"y"}') as Record<string, string>;
    const found = await metadataOf(backend, pairs);
    equal(Object.entries(found).sort(), Object.entries(pairs).sort(), "the metadata");
    equal(Reflect.get({}, "x"), undefined, "the prototype of every object");
  }),
  "what is given out of metadata is the caller's": when(has("userMetadata"), async ({ backend }) => {
    const pairs = { a: "1" };
    const put = await backend.put("key", "x", { metadata: pairs });
    pairs.a = "2";
    put.metadata.a = "3";
    (await backend.getMetadata("key")).metadata.a = "4";
    equal((await backend.getMetadata("key")).metadata, { a: "1" }, "the metadata");
  }),
  "metadata of 2048 bytes is stored": when(has("userMetadata"), async ({ backend }) => {
    const pairs = { name: "v".repeat(Math.min(2048, backend.limits.metadataBytes) - 4) };
    equal(await metadataOf(backend, pairs), pairs, "the metadata");
  }),
  "metadata of more than 2048 bytes is refused": when(has("userMetadata"), async ({ backend }) => {
    await fails(metadataOf(backend, { name: "v".repeat(2045) }), "InvalidArgument");
    await fails(metadataOf(backend, { a: "v".repeat(1500), b: "v".repeat(1500) }), "InvalidArgument");
    equal(await backend.exists("key"), false, "exists");
  }),
  "metadata is counted as encoded": when(has("userMetadata"), async ({ backend }) => {
    await fails(metadataOf(backend, { name: "\u00e9".repeat(800) }), "InvalidArgument");
  }),
  "cacheControl that could not be a header is refused": when(
    has("cacheControl"),
    refusedHeader("cacheControl"),
  ),
  "contentDisposition that could not be a header is refused": when(
    has("contentDisposition"),
    refusedHeader("contentDisposition"),
  ),
  "contentEncoding that could not be a header is refused": when(
    has("contentEncoding"),
    refusedHeader("contentEncoding"),
  ),
  "aws-chunked is no encoding of what is stored": when(has("contentEncoding"), async ({ backend }) => {
    const expected = {
      "gzip, aws-chunked": "gzip",
      "aws-chunked, gzip": "gzip",
      "deflate, gzip": "deflate, gzip",
      "aws-chunked": undefined,
    };
    for (const [given, found] of Object.entries(expected)) {
      await backend.put("key", "x", { contentEncoding: given });
      equal((await backend.getMetadata("key")).contentEncoding, found, `the encoding of ${given}`);
    }
  }),
  "an etag has no quotes, and changes with the object": async ({ backend }) => {
    const first = await backend.put("key", "first");
    const second = await backend.put("key", "other");
    check(!/^(W\/)?"|"$/.test(first.etag) && first.etag !== "", "an etag is bare");
    check(first.etag !== second.etag, "an etag changes with the object");
    equal((await backend.getMetadata("key")).etag, second.etag, "the etag");
    equal((await backend.open("key")).etag, second.etag, "the etag of open");
  },
  "lastModified never goes back": async ({ backend }) => {
    await backend.put("key", "first");
    const first = await backend.getMetadata("key");
    await backend.put("key", "second");
    const second = await backend.getMetadata("key");
    check(second.lastModified.getTime() >= first.lastModified.getTime(), "a later write is not older");
  },
  "lastModified is the time of the write, to the second": async ({ backend }) => {
    const before = Date.now();
    await backend.put("key", "x");
    const { lastModified } = await backend.getMetadata("key");
    check(lastModified instanceof Date, "lastModified is a Date");
    check(Math.abs(lastModified.getTime() - before) < 60_000, "lastModified is about now");
  },
});
