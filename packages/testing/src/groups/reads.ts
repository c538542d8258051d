import type { Progress } from "@storage/core";
import { all, check, equal, fails } from "../assertions.ts";
import { type ConformanceGroup, group, has, when } from "../conformance-case.ts";
import { bytesOf, randomBytes, sha256, textOf } from "../samples.ts";
import { givenBodies } from "./given.ts";

const large = randomBytes(5 * 1024 * 1024 + 1, 5);

async function collected(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  return new Uint8Array(await new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>).arrayBuffer());
}

export const reads: ConformanceGroup = group("Reads", {
  ...givenBodies,
  "get, open and getMetadata of a missing key are FileNotFound, and say which": async ({ backend }) => {
    for (const read of ["get", "open", "getMetadata"] as const) {
      const error = await fails(backend[read]("not/there"), "FileNotFound");
      equal(error.key, "not/there", "the error's key");
      check(error.message.includes("not/there"), "the message names the key");
    }
  },
  "a prefix of keys is no object": async ({ backend }) => {
    await backend.put("folder/key", "x");
    await fails(backend.get("folder"), "FileNotFound");
    await fails(backend.open("folder"), "FileNotFound");
    await fails(backend.getMetadata("folder"), "FileNotFound");
    equal(await backend.exists("folder"), false, "exists");
  },
  "below an object there is nothing to read": async ({ backend }) => {
    await backend.put("key", "x");
    await fails(backend.get("key/below"), "FileNotFound");
    equal(await backend.exists("key/below"), false, "exists");
  },
  "what get gives belongs to the caller": async ({ backend }) => {
    await backend.put("key", "stored");
    (await backend.get("key")).fill(0);
    equal(textOf(await backend.get("key")), "stored", "the body");
  },
  "get gives plain bytes that a Response takes": async ({ backend }) => {
    await backend.put("key", "stored");
    const bytes = await backend.get("key");
    equal(Object.getPrototypeOf(bytes), Uint8Array.prototype, "the prototype");
    equal(bytes.byteOffset, 0, "the offset");
    equal(bytes.buffer.byteLength, 6, "the length of the buffer");
    equal(await new Response(bytes).text(), "stored", "the text");
  },
  "open tells of the object before its body": async ({ backend }) => {
    const put = await backend.put("folder/key.txt", "stored");
    const object = await backend.open("folder/key.txt");
    const { key, size, etag, lastModified } = object;
    equal([key, size, etag], ["folder/key.txt", 6, put.etag], "key, size and etag");
    check(lastModified instanceof Date, "lastModified is a Date");
    equal(object.metadata, {}, "the metadata");
    equal(await object.text(), "stored", "the body");
  },
  "the body of open is a web stream of bytes": async ({ backend }) => {
    await backend.put("key", large);
    const { body } = await backend.open("key");
    check(body instanceof ReadableStream, "the body is a ReadableStream");
    equal(await sha256(new Uint8Array(await collected(body))), await sha256(large), "the digest of the body");
  },
  "open gives bytes, text and JSON": async ({ backend }) => {
    await backend.put("key", '{"a":[1,"\u00e9"]}');
    equal(await (await backend.open("key")).bytes(), bytesOf('{"a":[1,"\u00e9"]}'), "bytes");
    equal(await (await backend.open("key")).text(), '{"a":[1,"\u00e9"]}', "text");
    equal(await (await backend.open("key")).json(), { a: [1, "\u00e9"] }, "json");
  },
  "a body is read once": async ({ backend }) => {
    await backend.put("key", "stored");
    const object = await backend.open("key");
    await object.text();
    await fails(object.bytes(), "InvalidArgument");
  },
  "a large object is read whole": async ({ backend }) => {
    await backend.put("key", large);
    equal(await sha256(await backend.get("key")), await sha256(large), "the digest of get");
    const chunks = await all((await backend.open("key")).body);
    equal(
      chunks.reduce((sum, { length }) => sum + length, 0),
      large.length,
      "the length of the stream",
    );
  },
  "chunks that a reader keeps stay as they are": async ({ backend }) => {
    await backend.put("key", large);
    const chunks = await all((await backend.open("key")).body);
    equal(
      await sha256(new Uint8Array(await new Blob(chunks as Uint8Array<ArrayBuffer>[]).arrayBuffer())),
      await sha256(large),
      "the digest",
    );
  },
  "a body may be dropped unread, or half read": async ({ backend }) => {
    await backend.put("key", large);
    for (let turn = 0; turn < 20; turn++) {
      const object = await backend.open("key");
      if (turn % 2 === 0) await object.body.cancel();
      else for await (const _ of object.body) break;
    }
    equal((await backend.get("key")).length, large.length, "the length of the body");
  },
  "an object is disposed of when its scope ends": async ({ backend }) => {
    await backend.put("key", large);
    const object = await backend.open("key");
    await object[Symbol.asyncDispose]();
    await fails(object.bytes(), "InvalidArgument", "Aborted");
  },
  "stored bytes come back: nothing is inflated": when(has("contentEncoding"), async ({ backend }) => {
    const gzip = new Blob([new Uint8Array(100_000)]).stream().pipeThrough(new CompressionStream("gzip"));
    const packed = new Uint8Array(await new Response(gzip).arrayBuffer());
    await backend.put("key", packed, { contentEncoding: "gzip" });
    equal(await backend.get("key"), packed, "the body");
    equal((await backend.getMetadata("key")).size, packed.length, "the size");
    equal((await backend.open("key")).contentEncoding, "gzip", "the encoding");
  }),
  "get and open past maxBytes are TooLarge": async ({ backend }) => {
    await backend.put("key", "0123456789");
    await fails(backend.get("key", { maxBytes: 9 }), "TooLarge");
    await fails(backend.open("key", { maxBytes: 9 }), "TooLarge");
    equal(textOf(await backend.get("key", { maxBytes: 10 })), "0123456789", "the body");
  },
  "progress of a read grows, and ends with the whole": async ({ backend }) => {
    await backend.put("key", large);
    const seen: Progress[] = [];
    await backend.get("key", { onProgress: (progress) => seen.push(progress) });
    equal(seen.at(-1), { loaded: large.length, total: large.length }, "the last");
    check(
      seen.every(({ loaded }, index) => loaded >= (seen[index - 1]?.loaded ?? 0)),
      "progress never goes back",
    );
  },
  "a read that has begun is of one object, whatever is written meanwhile": async ({ backend }) => {
    await backend.put("key", large);
    const { body } = await backend.open("key");
    const reader = body.getReader();
    const first = await reader.read();
    await backend.put("key", randomBytes(large.length, 99));
    const chunks = [first.value ?? new Uint8Array()];
    try {
      for (let step = await reader.read(); !step.done; step = await reader.read()) chunks.push(step.value);
    } catch (error) {
      await fails(Promise.reject(error), "Integrity", "FileNotFound", "Unavailable");
      return;
    }
    const whole = new Uint8Array(await new Blob(chunks as Uint8Array<ArrayBuffer>[]).arrayBuffer());
    equal(await sha256(whole), await sha256(large), "the digest of the body");
  },
  "a read that has begun ends whole, or as an error, when the object is deleted": async ({ backend }) => {
    await backend.put("key", large);
    const object = await backend.open("key");
    await backend.delete("key");
    try {
      equal((await object.bytes()).length, large.length, "the length of the body");
    } catch (error) {
      await fails(Promise.reject(error), "FileNotFound", "Integrity", "Unavailable");
    }
  },
});
