import type { StorageBackend, StorageData } from "@storage/core";
import { check, equal, fails } from "../assertions.ts";
import { type ConformanceGroup, group, has, type Run, when } from "../conformance-case.ts";
import { bytesOf, chunksOf, randomBytes, textOf, webStreamOf } from "../samples.ts";
import { givenFacts } from "./given.ts";

const body = randomBytes(100_000);

/** Every kind of data that holds these bytes, made anew for each put. */
const kinds: Readonly<Record<string, () => StorageData>> = {
  "a Uint8Array": () => body,
  "a view with an offset": () => {
    const wide = new Uint8Array(body.length + 20).fill(255);
    wide.set(body, 10);
    return wide.subarray(10, 10 + body.length);
  },
  "an ArrayBuffer": () => body.slice().buffer,
  "a Blob": () => new Blob([body.slice(0, 7), body.slice(7)]),
  "a large Blob": () => new Blob([body]).slice(),
  "a web stream": () => webStreamOf(body.slice(0, 1), body.slice(1, 70_000), body.slice(70_000)),
  "an async iterable": () => chunksOf(body, 1013),
  "an async iterable with empty chunks": async function* () {
    yield new Uint8Array();
    yield* chunksOf(body, 50_000);
    yield new Uint8Array();
  },
};

const stores = Object.fromEntries(
  Object.entries(kinds).map(([kind, make]): [string, Run] => [
    `put stores ${kind}`,
    async ({ backend }) => {
      const { size } = await backend.put("key", make());
      equal(size, body.length, "the size");
      equal(await backend.get("key"), body, "the body");
    },
  ]),
);

/** The body that was there before; nothing of the put that failed. */
async function isUntouched(backend: StorageBackend): Promise<void> {
  equal(textOf(await backend.get("key")), "before", "the object that was there");
  equal(await backend.listKeys(), ["key"], "the keys");
  equal((await backend.getMetadata("key")).contentType, "text/before", "the type that was there");
}

async function withObject(backend: StorageBackend): Promise<void> {
  await backend.put("key", "before", backend.capabilities.contentType ? { contentType: "text/before" } : {});
}

const notData: readonly unknown[] = [undefined, null, 5, true, {}, [1, 2], ["a"], () => "x", new Date()];

export const puts: ConformanceGroup = group("Put", {
  ...stores,
  ...givenFacts,
  "put stores text as UTF-8": async ({ backend }) => {
    const { size } = await backend.put("key", "h\u00e9llo \u{1f600}");
    equal(size, 11, "the size");
    equal(await backend.get("key"), bytesOf("h\u00e9llo \u{1f600}"), "the body");
  },
  "put refuses text with half of a surrogate pair": async ({ backend }) => {
    await fails(backend.put("key", "a\ud800"), "InvalidArgument");
    equal(await backend.exists("key"), false, "exists");
  },
  "put refuses what is no data": async ({ backend }) => {
    for (const data of notData) await fails(backend.put("key", data as StorageData), "InvalidArgument");
    equal(await backend.listKeys(), [], "the keys");
  },
  "a stream of anything but bytes stores nothing": async ({ backend }) => {
    for (const item of [5, [1], {}, null]) {
      const data = (async function* () {
        yield bytesOf("good");
        yield item as unknown as Uint8Array;
      })();
      await fails(backend.put("key", data), "InvalidArgument");
    }
    equal(await backend.exists("key"), false, "exists");
  },
  "a web stream that somebody else reads is refused": async ({ backend }) => {
    const stream = webStreamOf(body);
    stream.getReader();
    await fails(backend.put("key", stream), "InvalidArgument");
  },
  "an empty body is an object": async ({ backend }) => {
    await backend.put("bytes", new Uint8Array());
    equal((await backend.getMetadata("bytes")).size, 0, "the size");
    equal(await backend.get("bytes"), new Uint8Array(), "the body");
    check(await backend.exists("bytes"), "an empty object exists");
  },
  "a stream that ends at once is an empty object": async ({ backend }) => {
    await backend.put("stream", webStreamOf());
    await backend.put("iterable", chunksOf(new Uint8Array(), 1));
    for (const key of ["stream", "iterable"])
      equal(await backend.get(key), new Uint8Array(), `the body of a ${key}`);
  },
  "the bytes are those at the time of the put": async ({ backend }) => {
    const data = randomBytes(1000);
    const expected = data.slice();
    await backend.put("key", data);
    data.fill(0);
    equal(await backend.get("key"), expected, "the body");
  },
  "a source may use its chunks again": async ({ backend }) => {
    const buffer = new Uint8Array(1000);
    const data = (async function* () {
      for (let turn = 1; turn <= 3; turn++) yield buffer.fill(turn);
    })();
    await backend.put("key", data);
    equal(
      (await backend.get("key")).filter((_, index) => index % 1000 === 0),
      new Uint8Array([1, 2, 3]),
      "the first byte of each chunk",
    );
  },
  "an overwrite replaces a longer body by a shorter one": async ({ backend }) => {
    await backend.put("key", randomBytes(10_000));
    await backend.put("key", "short");
    equal(textOf(await backend.get("key")), "short", "the body");
    equal((await backend.getMetadata("key")).size, 5, "the size");
    equal(await backend.listKeys(), ["key"], "the keys");
  },
  "an overwrite replaces a shorter body by a longer one": async ({ backend }) => {
    await backend.put("key", "short");
    await backend.put("key", body);
    equal(await backend.get("key"), body, "the body");
  },
  "a read after a write sees it": async ({ backend }) => {
    for (let turn = 0; turn < 5; turn++) {
      await backend.put("key", `turn ${turn}`);
      equal(textOf(await backend.get("key")), `turn ${turn}`, "the body");
    }
  },
  "what put tells is what getMetadata tells": async ({ backend }) => {
    const { url: _, lastModified, ...told } = await backend.put("folder/key.json", "{}");
    const { lastModified: found, ...metadata } = await backend.getMetadata("folder/key.json");
    equal(told, metadata, "the result of put");
    check(
      lastModified === undefined || Math.abs(lastModified.getTime() - found.getTime()) < 1000,
      "the same second",
    );
  },
  "the content type is that of the key's extension": when(has("contentType"), async ({ backend }) => {
    const expected = {
      "a.txt": "text/plain",
      "a.HTML": "text/html",
      "b/c.json": "application/json",
      "photo.jpeg": "image/jpeg",
      "archive.tar.gz": "application/gzip",
      "no-extension": "application/octet-stream",
      ".png": "application/octet-stream",
      "folder/.png": "application/octet-stream",
      "folder.png/x": "application/octet-stream",
      "a.constructor": "application/octet-stream",
    };
    for (const [key, type] of Object.entries(expected)) {
      await backend.put(key, "x");
      equal((await backend.getMetadata(key)).contentType, type, `the type of ${key}`);
    }
  }),
  "the type of a Blob is not taken for the object's": when(has("contentType"), async ({ backend }) => {
    await backend.put("key.txt", new Blob(["x"], { type: "text/html" }));
    equal((await backend.getMetadata("key.txt")).contentType, "text/plain", "the type");
  }),
  "a content type that was given stays": when(has("contentType"), async ({ backend }) => {
    await backend.put("a.txt", "x", { contentType: "text/csv; charset=utf-8" });
    equal((await backend.getMetadata("a.txt")).contentType, "text/csv; charset=utf-8", "the type");
    await backend.put("b.txt", "x", { contentType: undefined });
    equal((await backend.getMetadata("b.txt")).contentType, "text/plain", "the type");
  }),
  "what is no content type is refused, and stores nothing": async ({ backend }) => {
    for (const contentType of [
      "application/octet/stream",
      "text",
      "",
      "text/plain\r\nX-Injected: 1",
      "a/b\u0000",
      " text/plain",
    ])
      await fails(backend.put("key", "x", { contentType }), "InvalidArgument");
    equal(await backend.exists("key"), false, "exists");
  },
  "a put's result has the link of getUrl, where it can be signed at hand": when(
    has("signedUrls"),
    async ({ backend }) => {
      const result = await backend.put("key", "x");
      check(Object.keys(result).includes("url"), "url is an enumerable property");
      const { url } = result;
      check(url === undefined || url.startsWith("http"), "url is a link, or undefined");
      check(url === undefined || JSON.stringify(result).includes('"url":"http'), "JSON carries the link");
    },
  ),
  "a put that is refused leaves what was there": async ({ backend }) => {
    await withObject(backend);
    await fails(backend.put("key", "other", { size: 3 }), "InvalidArgument");
    await fails(backend.put("key", "other", { maxBytes: 4 }), "TooLarge");
    if (backend.capabilities.contentType) await isUntouched(backend);
    equal(textOf(await backend.get("key")), "before", "the body");
  },
});
