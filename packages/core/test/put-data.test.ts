import { Readable } from "node:stream";
import { Backend, type Body, type StorageData } from "@storage/core";
import { describe, expect, test } from "vitest";
import { failure } from "./expect-failure.ts";
import { joined, MapDriver } from "./map-driver.ts";

const text = "Grüße, 😀!";
const bytes = new TextEncoder().encode(text);
const padded = Uint8Array.from([1, 2, ...bytes, 3]);
const sharedBytes = new Uint8Array(new SharedArrayBuffer(bytes.length));
sharedBytes.set(bytes);

async function* generated(): AsyncGenerator<Uint8Array> {
  yield bytes.subarray(0, 3);
  yield new Uint8Array();
  yield bytes.subarray(3);
}

/** An iterator as people write them by hand: no promises, no return. */
function byHand(): AsyncIterable<Uint8Array> {
  const left = [bytes.subarray(0, 5), bytes.subarray(5)];
  const next = () => {
    const value = left.shift();
    return value === undefined ? { done: true, value: undefined } : { done: false, value };
  };
  return { [Symbol.asyncIterator]: () => ({ next }) } as unknown as AsyncIterable<Uint8Array>;
}

const kinds: Record<string, () => StorageData> = {
  string: () => text,
  Uint8Array: () => bytes,
  "a view with an offset": () => padded.subarray(2, 2 + bytes.length),
  Buffer: () => Buffer.from(text),
  "a Buffer out of the pool": () => Buffer.from(`__${text}`).subarray(2),
  "a view of shared memory": () => sharedBytes,
  ArrayBuffer: () => bytes.slice().buffer,
  Blob: () => new Blob([text]),
  File: () => new File([text], "a.txt"),
  "a part of a Blob": () => new Blob(["__", text, "__"]).slice(2, 2 + bytes.length),
  "a web stream": () => new Blob([text]).stream(),
  "a Node stream": () => Readable.from([Buffer.from(text)]),
  "a Node stream of strings": () => Readable.from([Buffer.from(text)]).setEncoding("utf8"),
  "an async generator": generated,
  "an iterator by hand": byHand,
  "the body of a Response": () => new Response(text).body as ReadableStream<Uint8Array>,
};

describe("the same bytes are stored from", () => {
  test.each(Object.entries(kinds))("%s", async (_, data) => {
    const driver = new MapDriver();
    const put = await new Backend(driver).put("a.txt", data());
    expect(driver.objects.get("a.txt")?.bytes).toEqual(Uint8Array.from(bytes));
    expect(put.size).toBe(bytes.length);
  });

  test.each(Object.entries(kinds))("%s, with size, checksum and maxBytes declared", async (_, data) => {
    const driver = new MapDriver();
    const digest = await crypto.subtle.digest("SHA-256", bytes);
    const sha256 = Buffer.from(digest).toString("hex");
    await new Backend(driver).put("a.txt", data(), {
      size: bytes.length,
      maxBytes: bytes.length,
      checksum: { sha256 },
    });
    expect(driver.objects.get("a.txt")?.bytes).toEqual(Uint8Array.from(bytes));
  });
});

test("a driver is given plain bytes or a stream of plain bytes, and bytes never as a stream", async () => {
  const bodies: Body[] = [];
  const chunks: Uint8Array[] = [];
  const driver = new MapDriver();
  const write = driver.write.bind(driver);
  driver.write = (key, body, ...rest) => {
    bodies.push(body);
    if (body.bytes !== undefined) return write(key, body, ...rest);
    const stream = (async function* () {
      for await (const chunk of body.stream) {
        chunks.push(chunk);
        yield chunk;
      }
    })();
    return write(key, { stream }, ...rest);
  };
  const backend = new Backend(driver);
  for (const data of [text, Buffer.from(text), bytes, sharedBytes, new Blob([text])])
    await backend.put("a", data);
  expect(bodies.map((body) => body.stream)).toEqual(bodies.map(() => undefined));
  for (const body of bodies) expect(Object.getPrototypeOf(body.bytes)).toBe(Uint8Array.prototype);
  await backend.put("a", Readable.from([Buffer.from(text)]));
  for (const chunk of chunks) expect(Object.getPrototypeOf(chunk)).toBe(Uint8Array.prototype);
  expect(chunks.length).toBe(1);
});

test("a Blob of more than 1 MiB is streamed, with its size", async () => {
  const driver = new MapDriver();
  let seen: number | undefined;
  const write = driver.write.bind(driver);
  driver.write = (key, body, ...rest) => {
    seen = body.stream && body.size;
    return write(key, body, ...rest);
  };
  const blob = new Blob([new Uint8Array(1024 * 1024 + 1)]);
  expect((await new Backend(driver).put("a", blob)).size).toBe(blob.size);
  expect(seen).toBe(blob.size);
});

describe("what is refused before any I/O", () => {
  const detached = new Uint8Array(4);
  structuredClone(detached.buffer, { transfer: [detached.buffer] });
  const locked = new Blob(["x"]).stream();
  locked.getReader();

  test.each<[string, unknown]>([
    ["text with half of a surrogate pair", "a\ud800"],
    ["a view of a detached buffer", detached],
    ["a detached buffer", detached.buffer],
    ["a locked stream", locked],
    ["undefined", undefined],
    ["null", null],
    ["a number", 5],
    ["an array", [1, 2]],
    ["an array of bytes", [new Uint8Array(1)]],
    ["another typed array", new Uint16Array(2)],
    ["a DataView", new DataView(new ArrayBuffer(2))],
    ["an object", {}],
    ["a Promise", Promise.resolve("x")],
  ])("%s", async (_, data) => {
    const driver = new MapDriver();
    await failure(new Backend(driver).put("a", data as string), "InvalidArgument");
    expect(driver.requests).toEqual([]);
  });

  test("a Node stream that was read to its end", async () => {
    const used = Readable.from([Buffer.from("x")]);
    await joined(used);
    await failure(new Backend(new MapDriver()).put("a", used), "InvalidArgument");
  });

  test("the body of a Response that was read", async () => {
    const response = new Response("x");
    await response.text();
    const used = response.body as ReadableStream<Uint8Array>;
    await failure(new Backend(new MapDriver()).put("a", used), "InvalidArgument");
  });

  test("a web stream that was read to its end", async () => {
    const used = new Blob(["x"]).stream();
    const reader = used.getReader();
    while (!(await reader.read()).done);
    reader.releaseLock();
    await failure(new Backend(new MapDriver()).put("a", used), "InvalidArgument");
  });
});

test("an empty body is an object of no bytes, from bytes and from streams", async () => {
  const driver = new MapDriver();
  const backend = new Backend(driver);
  const closed = new ReadableStream<Uint8Array>({ start: (controller) => controller.close() });
  for (const data of ["", new Uint8Array(), new Blob([]), closed, Readable.from([])]) {
    expect((await backend.put("a", data)).size).toBe(0);
    expect(await backend.get("a")).toEqual(new Uint8Array());
    expect(await (await backend.open("a")).text()).toBe("");
  }
});

test("what was stored does not change when the caller's buffer does", async () => {
  const backend = new Backend(new MapDriver());
  const buffer = Buffer.from("abc");
  await backend.put("a", buffer);
  buffer.fill(0);
  expect(await (await backend.open("a")).text()).toBe("abc");
});
