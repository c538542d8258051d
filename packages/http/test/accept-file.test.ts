import { Readable } from "node:stream";
import { MemoryBackend } from "@storage/memory";
import { describe, expect, test } from "vitest";
import { acceptFile, type ParsedFile } from "../src/index.ts";
import { pattern, secret } from "./site.ts";

const png = Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), Buffer.alloc(10_000)]);
const streamOf = (...chunks: readonly Uint8Array[]): Readable => Readable.from(chunks, { objectMode: false });
const options = { maxBytes: 1_000_000 };

describe("a file that another parser took out of a form", () => {
  test("is stored by the type of its content, under a safe key", async () => {
    const backend = new MemoryBackend({ secret });
    const upload = await acceptFile(
      { fileName: "../π.txt", contentType: "text/plain", stream: streamOf(png) },
      { ...options, allowedTypes: ["image/*"] },
    );
    const { key, contentType, fileName, size } = upload;
    expect({ key, contentType, fileName, size, fields: { ...upload.fields } }).toEqual({
      key: "π.txt",
      contentType: "image/png",
      fileName: "../π.txt",
      size: undefined,
      fields: {},
    });
    await backend.put(key, upload.body, { contentType });
    expect(Buffer.from(await backend.get(key))).toEqual(png);
  });

  test("is believed among kinds of text, by its type or its name", async () => {
    const typeOf = async (file: Omit<ParsedFile, "stream">) =>
      (await acceptFile({ ...file, stream: streamOf(Buffer.from("a,b")) }, options)).contentType;
    expect(await typeOf({ fileName: "a", contentType: "text/csv" })).toBe("text/csv");
    expect(await typeOf({ fileName: "a.md" })).toBe("text/markdown");
    expect(await typeOf({ fileName: "a.png", contentType: "image/png" })).toBe("text/plain");
  });

  test("of a type that is not allowed is refused, and its parser can go on", async () => {
    const stream = streamOf(pattern(100_000), pattern(100_000));
    const accepting = acceptFile({ fileName: "a.png", stream }, { ...options, allowedTypes: ["image/png"] });
    await expect(accepting).rejects.toMatchObject({ status: 415 });
    await expect.poll(() => stream.readableEnded).toBe(true);
    expect(stream.errored).toBeNull();
  });

  test.each([
    ["small", [png]],
    ["large", [pattern(100_000), pattern(100_000)]],
  ])(
    "that was cut off at its parser's limit is too large, and not stored: a %s one",
    async (_what, chunks) => {
      const backend = new MemoryBackend({ secret });
      const stream = Object.assign(streamOf(...chunks), { truncated: false });
      stream.on("end", () => {
        stream.truncated = true;
      });
      const storing = async () => {
        const { key, body } = await acceptFile({ fileName: "a.png", stream }, options);
        return backend.put(key, body);
      };
      await expect(storing()).rejects.toMatchObject({ code: "TooLarge" });
      expect(await backend.listKeys()).toEqual([]);
    },
  );

  test("whose parser breaks it off at its limit is too large as well", async () => {
    const stream = {
      truncated: false,
      async *[Symbol.asyncIterator]() {
        yield pattern(100_000);
        this.truncated = true;
        throw Object.assign(new Error("request file too large"), { statusCode: 413 });
      },
    };
    const { body } = await acceptFile({ fileName: "a.bin", stream }, options);
    const reading = async () => {
      for await (const _chunk of body);
    };
    await expect(reading()).rejects.toMatchObject({ code: "TooLarge" });
  });

  test("that is larger than allowed here is not stored", async () => {
    const backend = new MemoryBackend({ secret });
    const { key, body } = await acceptFile(
      { fileName: "a.bin", stream: streamOf(pattern(60_000), pattern(60_000)) },
      { maxBytes: 100_000 },
    );
    await expect(backend.put(key, body)).rejects.toMatchObject({ code: "TooLarge" });
    expect(await backend.listKeys()).toEqual([]);
  });

  test("whose stream fails is not stored", async () => {
    const backend = new MemoryBackend({ secret });
    async function* failing() {
      yield pattern(100_000);
      throw new Error("Unexpected end of form");
    }
    const { key, body } = await acceptFile({ fileName: "a.bin", stream: failing() }, options);
    const failure = { code: "SourceFailed", cause: { status: 400, message: "The upload broke off." } };
    await expect(backend.put(key, body)).rejects.toMatchObject(failure);
    expect(await backend.listKeys()).toEqual([]);
  });
});
