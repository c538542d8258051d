import { check, equal, fails } from "../assertions.ts";
import { type Cases, has, when } from "../conformance-case.ts";
import { bytesOf, delay, randomBytes, sha256, textOf } from "../samples.ts";

const large = randomBytes(2_500_000, 92);

/** All that the contract names of an object. */
const fields = [
  "key",
  "size",
  "contentType",
  "etag",
  "lastModified",
  "cacheControl",
  "contentDisposition",
  "contentEncoding",
  "metadata",
];

/** What was handed out is the caller's, and nobody else's. */
export const givenBodies: Cases = {
  "bytes that open gives belong to the caller": async ({ backend }) => {
    await backend.put("key", "stored");
    (await (await backend.open("key")).bytes()).fill(0);
    for await (const chunk of (await backend.open("key")).body) chunk.fill(0);
    equal(await (await backend.open("key")).text(), "stored", "the body");
  },
  "bytes of a large object belong to the caller": async ({ backend }) => {
    await backend.put("key", large);
    (await backend.get("key")).fill(0);
    for await (const chunk of (await backend.open("key")).body) chunk.fill(0);
    equal(await sha256(await backend.get("key")), await sha256(large), "the digest of the body");
  },
  "a body that was read is not read again in another way": async ({ backend }) => {
    await backend.put("key", '"stored"');
    for (const again of ["bytes", "text", "json"] as const) {
      const object = await backend.open("key");
      equal(await new Response(object.body).text(), '"stored"', "the body");
      await fails(object[again](), "InvalidArgument");
    }
    const object = await backend.open("key");
    equal(await object.json(), "stored", "the value");
    await fails(object.text(), "InvalidArgument");
  },
  "progress of open is that of its body": async ({ backend }) => {
    await backend.put("key", large);
    const seen: number[] = [];
    const object = await backend.open("key", { onProgress: ({ loaded }) => seen.push(loaded) });
    await object.bytes();
    equal(seen.at(-1), large.length, "the last");
  },
  "progress of a range counts to its end": when(has("rangeReads"), async ({ backend }) => {
    await backend.put("key", "0123456789");
    const seen: unknown[] = [];
    const onProgress = (progress: unknown): unknown => seen.push(progress);
    await backend.get("key", { range: { start: 2, end: 6 }, onProgress });
    equal(seen.at(-1), { loaded: 4, total: 4 }, "the last");
  }),
  "maxBytes holds for large objects": async ({ backend }) => {
    await backend.put("key", large);
    await fails(backend.get("key", { maxBytes: large.length - 1 }), "TooLarge");
    await fails(backend.open("key", { maxBytes: large.length - 1 }), "TooLarge");
    equal((await backend.get("key", { maxBytes: large.length })).length, large.length, "the length");
  },
};

/** What is told of an object. */
export const givenFacts: Cases = {
  "what is told of an object belongs to the caller": async ({ backend }) => {
    const metadata = backend.capabilities.userMetadata ? { a: "1" } : {};
    const put = await backend.put("key", "x", { metadata });
    const { lastModified } = await backend.getMetadata("key");
    const before = lastModified.getTime();
    const copy = await backend.copy("key", "copy");
    const [entry] = (await backend.listPage({ prefix: "key" })).entries;
    for (const told of [put, copy, await backend.getMetadata("key"), await backend.open("key"), entry]) {
      told?.lastModified?.setTime(0);
      if (told && "metadata" in told) told.metadata.a = "2";
    }
    for (const key of ["key", "copy"]) {
      for (const found of [await backend.getMetadata(key), await backend.open(key)]) {
        equal(found.metadata, metadata, `the metadata of ${key}`);
        check(Math.abs(found.lastModified.getTime() - before) < 60_000, `the time of ${key}`);
      }
    }
    const [again] = (await backend.listPage({ prefix: "key" })).entries;
    equal(again?.lastModified.getTime() !== 0, true, "the time that is listed");
  },
  "put and copy tell metadata as it is stored": when(has("userMetadata"), async ({ backend }) => {
    const metadata = { Count: 42, DONE: true };
    const stored = { count: "42", done: "true" };
    equal((await backend.put("key", "x", { metadata })).metadata, stored, "put");
    equal((await backend.copy("key", "copy", { replace: { metadata } })).metadata, stored, "copy");
    equal((await backend.getMetadata("copy")).metadata, stored, "what is stored");
  }),
  "nothing of our own stands among what is told of an object": async ({ backend }) => {
    const { createOnly, userMetadata } = backend.capabilities;
    const metadata = userMetadata ? { a: "1" } : {};
    const { url: _, ...put } = await backend.put("key", "x", {
      metadata,
      ...(createOnly && { ifNoneMatch: "*" as const }),
    });
    const copied = await backend.copy("key", "copy");
    for (const told of [put, copied, await backend.getMetadata("key"), await backend.getMetadata("copy")]) {
      equal(told.metadata, metadata, "the metadata");
      const others = Object.keys(told).filter((name) => !fields.includes(name));
      equal(others, [], "what the contract does not name");
    }
    equal((await backend.open("key")).metadata, metadata, "the metadata of open");
  },
  "an overwrite is newer": async ({ backend }) => {
    await backend.put("key", "first");
    const first = await backend.getMetadata("key");
    await delay(2100);
    await backend.put("key", "second");
    const second = await backend.getMetadata("key");
    check(second.lastModified.getTime() > first.lastModified.getTime(), "lastModified is later");
    const [entry] = (await backend.listPage()).entries;
    check((entry?.lastModified.getTime() ?? 0) > first.lastModified.getTime(), "and so is the entry's");
  },
  "a mark of byte order is stored like any other text": async ({ backend }) => {
    await backend.put("key", "\ufeffx");
    equal(await backend.get("key"), bytesOf("\ufeffx"), "the body");
    equal(textOf(await backend.get("key")), "\ufeffx", "the text");
  },
};
