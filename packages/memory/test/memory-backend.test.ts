import { StorageError } from "@storage/core";
import { MemoryBackend, type MemoryBackendOptions } from "@storage/memory";
import { describe, expect, test } from "vitest";

const secret = "0123456789abcdef";
const bytes = (length: number): Uint8Array => new Uint8Array(length).fill(7);
const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "fine",
    (error: unknown) => (StorageError.is(error) ? error.code : String(error)),
  );

async function* stream(...lengths: readonly number[]): AsyncGenerator<Uint8Array> {
  for (const length of lengths) yield bytes(length);
}

describe("maxBytes", () => {
  test("counts the bodies of all objects, and an overwrite once", async () => {
    const backend = new MemoryBackend({ maxBytes: 100 });
    await backend.put("a", bytes(60));
    await backend.put("b", bytes(40));
    expect(await codeOf(backend.put("c", bytes(1)))).toBe("QuotaExceeded");
    expect(await codeOf(backend.put("a", bytes(61)))).toBe("QuotaExceeded");
    await backend.put("a", bytes(60));
    await backend.put("a", bytes(10));
    await backend.put("c", stream(25, 25));
    expect(backend.stats()).toEqual({ objects: 3, bytes: 100 });
    await backend.put("c", "");
    await backend.delete("a");
    expect(backend.stats()).toEqual({ objects: 2, bytes: 40 });
  });

  test("refuses a stream as soon as it does not fit, and leaves what was there", async () => {
    const backend = new MemoryBackend({ maxBytes: 100 });
    await backend.put("a", "before");
    let taken = 0;
    const endless = (async function* () {
      for (;;) {
        taken++;
        yield bytes(30);
      }
    })();
    const error = await backend.put("a", endless).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: "QuotaExceeded",
      key: "a",
      outcome: "not-applied",
      retryable: false,
    });
    expect(taken).toBe(4);
    expect(await (await backend.open("a")).text()).toBe("before");
  });

  test("holds for streams at once: who comes last does not fit", async () => {
    const backend = new MemoryBackend({ maxBytes: 100 });
    const puts = [1, 2, 3].map((n) => codeOf(backend.put(`k${n}`, stream(30, 30))));
    expect((await Promise.all(puts)).sort()).toEqual(["QuotaExceeded", "QuotaExceeded", "fine"]);
    expect(backend.stats()).toEqual({ objects: 1, bytes: 60 });
  });

  test("counts a copy, and needs no room for a move", async () => {
    const backend = new MemoryBackend({ maxBytes: 100 });
    await backend.put("a", bytes(60));
    expect(await codeOf(backend.copy("a", "b"))).toBe("QuotaExceeded");
    await backend.move("a", "b");
    await backend.put("c", bytes(40));
    await backend.move("b", "c");
    expect(backend.stats()).toEqual({ objects: 1, bytes: 60 });
    await backend.copy("c", "c", { replace: { metadata: { a: 1 } } });
    expect(backend.stats()).toEqual({ objects: 1, bytes: 60 });
  });

  test.each([-1, Number.NaN, "5", null, {}])("%j is a ConfigurationError", (maxBytes) => {
    expect(() => new MemoryBackend({ maxBytes: maxBytes as number })).toThrow("maxBytes");
  });

  test("0 holds empty objects only", async () => {
    const backend = new MemoryBackend({ maxBytes: 0 });
    await backend.put("a", "");
    expect(await codeOf(backend.put("b", "x"))).toBe("QuotaExceeded");
  });
});

test("clear removes everything, and what is being read is read to its end", async () => {
  const backend = new MemoryBackend();
  await backend.put("a", bytes(3 * 1024 * 1024));
  await backend.put("b/c", "x");
  const object = await backend.open("a");
  backend.clear();
  expect(backend.stats()).toEqual({ objects: 0, bytes: 0 });
  expect(await backend.listKeys()).toEqual([]);
  expect((await object.bytes()).length).toBe(3 * 1024 * 1024);
  await backend.put("a", "again");
  expect(backend.stats()).toEqual({ objects: 1, bytes: 5 });
});

test("nothing that comes in or goes out is shared with what is stored", async () => {
  const backend = new MemoryBackend();
  for (const size of [10, 2 * 1024 * 1024]) {
    const given = Buffer.alloc(size, 1);
    const metadata = { a: "1" };
    await backend.put("a", given, { metadata });
    await backend.copy("a", "b");
    given.fill(9);
    metadata.a = "2";
    (await backend.get("a")).fill(8);
    (await backend.get("a", { range: { start: 2 } })).fill(8);
    (await (await backend.open("b")).bytes()).fill(8);
    for await (const chunk of (await backend.open("a")).body) chunk.fill(8);
    const seen = await backend.getMetadata("b");
    seen.metadata.a = "3";
    seen.lastModified.setTime(0);
    for (const key of ["a", "b"]) {
      expect(new Set(await backend.get(key))).toEqual(new Set([1]));
      expect((await backend.getMetadata(key)).metadata).toEqual({ a: "1" });
      expect((await backend.getMetadata(key)).lastModified.getTime()).toBeGreaterThan(0);
    }
  }
});

test("bodies that lie side by side in memory are apart", async () => {
  const backend = new MemoryBackend();
  const sizes = [0, 1, 2047, 2048, 2049, 16 * 1024, 1000];
  const keys = Array.from({ length: 100 }, (_, index) => `key-${index}`);
  const bodyOf = (index: number): Uint8Array =>
    new Uint8Array(sizes[index % sizes.length] ?? 0).fill(index + 1);
  for (const [index, key] of keys.entries()) await backend.put(key, bodyOf(index));
  const read = await backend.get("key-1");
  expect(read.buffer.byteLength).toBe(1);
  await backend.put("key-2", "another");
  for (const [index, key] of keys.entries())
    if (index !== 2) expect(await backend.get(key)).toEqual(bodyOf(index));
});

test("a chunk may be used again by its source once the next one is asked for", async () => {
  const backend = new MemoryBackend();
  const reusing = (async function* () {
    const buffer = new Uint8Array(4);
    for (const value of [1, 2, 3]) yield buffer.fill(value);
  })();
  await backend.put("a", reusing);
  expect([...(await backend.get("a"))]).toEqual([1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3]);
});

describe("conditions in a race", () => {
  test("64 creators: one wins, from bytes and from streams", async () => {
    const backend = new MemoryBackend();
    const creators = Array.from({ length: 64 }, (_, n) =>
      codeOf(backend.put("a", n % 2 ? `${n}` : stream(n + 1), { ifNoneMatch: "*" })),
    );
    const codes = await Promise.all(creators);
    expect(codes.filter((code) => code === "fine").length).toBe(1);
    expect(codes.filter((code) => code === "PreconditionFailed").length).toBe(63);
  });

  test("five workers of ten increments count to fifty", async () => {
    const backend = new MemoryBackend();
    await backend.put("n", "0");
    const increment = async (): Promise<void> => {
      for (;;) {
        const object = await backend.open("n");
        const next = String(Number(await object.text()) + 1);
        if ((await codeOf(backend.put("n", next, { ifMatch: object.etag }))) === "fine") return;
      }
    };
    const worker = async (): Promise<void> => {
      for (let round = 0; round < 10; round++) await increment();
    };
    await Promise.all([1, 2, 3, 4, 5].map(worker));
    expect(await (await backend.open("n")).text()).toBe("50");
  });

  test("a condition that fails is told before the stream is taken", async () => {
    const backend = new MemoryBackend();
    await backend.put("a", "x");
    let taken = 0;
    const source = (async function* () {
      taken++;
      yield bytes(1);
    })();
    expect(await codeOf(backend.put("a", source, { ifNoneMatch: "*" }))).toBe("PreconditionFailed");
    expect(taken).toBe(0);
  });

  test("a put beside a move is never lost", async () => {
    for (let round = 0; round < 20; round++) {
      const backend = new MemoryBackend();
      await backend.put("a", "old");
      const moving = backend.move("a", "b");
      for (let wait = 0; wait < round; wait++) await undefined;
      await Promise.all([moving, backend.put("a", "new")]);
      const texts = await Promise.all(
        (await backend.listKeys()).map(async (key) => (await backend.open(key)).text()),
      );
      expect(texts).toContain("new");
    }
  });

  test("move checks the etag of its source and the absence of its target", async () => {
    const backend = new MemoryBackend();
    const { etag } = await backend.put("a", "x");
    await backend.put("b", "y");
    expect(await codeOf(backend.move("a", "b", { ifNoneMatch: "*" }))).toBe("PreconditionFailed");
    expect(await codeOf(backend.move("a", "c", { ifMatch: "other" }))).toBe("PreconditionFailed");
    expect(await backend.move("a", "c", { ifMatch: etag, ifNoneMatch: "*", replace: {} })).toMatchObject({
      key: "c",
      metadata: {},
    });
    expect(await backend.listKeys()).toEqual(["b", "c"]);
  });
});

test("a reader of a large object sees one write, whole, while it is overwritten", async () => {
  const backend = new MemoryBackend();
  await backend.put("a", new Uint8Array(5 * 1024 * 1024).fill(1));
  const object = await backend.open("a");
  const seen = new Set<number>();
  for await (const chunk of object.body) {
    for (const byte of chunk) seen.add(byte);
    await backend.put("a", new Uint8Array(5 * 1024 * 1024).fill(2));
  }
  expect([...seen]).toEqual([1]);
});

test("every write has another etag, also in two backends", async () => {
  const etags = new Set<string>();
  for (const backend of [new MemoryBackend(), new MemoryBackend()]) {
    for (let round = 0; round < 50; round++) etags.add((await backend.put("a", "same")).etag);
  }
  expect(etags.size).toBe(100);
});

describe("links", () => {
  test("are its own, and another backend's are refused even with the same secret", async () => {
    const backend = new MemoryBackend({ secret, baseUrl: "https://example.com/files" });
    const other = new MemoryBackend({ secret, baseUrl: "https://example.com/files" });
    const { url = "" } = await backend.put("dir/ü.txt", "x");
    expect(url).toMatch(/^https:\/\/example\.com\/files\/dir\/%C3%BC\.txt\?expires=\d+&signature=/);
    expect(await backend.signer?.verify({ method: "GET", url })).toMatchObject({ key: "dir/ü.txt" });
    expect(backend.signer?.backend).toBe(backend);
    expect(await codeOf(Promise.resolve(other.signer?.verify({ method: "GET", url })))).toBe(
      "PermissionDenied",
    );
    expect(backend.capabilities).toMatchObject({ signedUrls: true, signedUploads: ["PUT"] });
  });

  test("a bad secret or baseUrl is a ConfigurationError", () => {
    expect(() => new MemoryBackend({ secret: "short" })).toThrow("16");
    expect(() => new MemoryBackend({ baseUrl: "files" })).toThrow("baseUrl");
  });
});

test("unknown options are refused with the nearest name, and its own namespace is passed over", async () => {
  expect(() => new MemoryBackend({ maxBites: 5 } as MemoryBackendOptions)).toThrow("did you mean maxBytes?");
  expect(() => new MemoryBackend({ maxAttempt: 5 } as MemoryBackendOptions)).toThrow("maxAttempts");
  await new MemoryBackend({ maxBytes: undefined }).put("a", "x", { s3: {} } as object);
});

test("an abort of a put leaves what was there", async () => {
  const backend = new MemoryBackend();
  await backend.put("a", "before");
  const controller = new AbortController();
  const source = (async function* () {
    yield bytes(5);
    controller.abort();
    yield bytes(5);
  })();
  expect(await codeOf(backend.put("a", source, { signal: controller.signal }))).toBe("Aborted");
  expect(await (await backend.open("a")).text()).toBe("before");
});

test("keys that object literals know are keys as any other", async () => {
  const backend = new MemoryBackend();
  for (const key of ["__proto__", "constructor", "toString"]) {
    expect(await backend.exists(key)).toBe(false);
    await backend.put(key, key);
  }
  expect(await backend.listKeys()).toEqual(["__proto__", "constructor", "toString"]);
});

describe("parts of uploads", () => {
  test("count in maxBytes with the objects, and not in what stats tells", async () => {
    const backend = new MemoryBackend({ secret, maxBytes: 100 });
    const parts = backend.signer?.parts;
    await parts?.put("upload/0001", bytes(60));
    await backend.put("a", bytes(40));
    expect(backend.stats()).toEqual({ objects: 1, bytes: 40 });
    expect(await codeOf(backend.put("b", bytes(1)))).toBe("QuotaExceeded");
    expect(await codeOf(Promise.resolve(parts?.put("upload/0002", bytes(1))))).toBe("QuotaExceeded");
    await parts?.delete("upload/0001");
    await backend.put("b", bytes(60));
  });

  test("go with clear, and make room", async () => {
    const backend = new MemoryBackend({ secret, maxBytes: 100 });
    await backend.signer?.parts?.put("upload/0001", bytes(60));
    await backend.put("a", bytes(40));
    backend.clear();
    expect(await backend.signer?.parts?.listKeys()).toEqual([]);
    await backend.put("a", bytes(100));
  });

  test("are told of in no event, and end with the backend", async () => {
    const keys: unknown[] = [];
    const backend = new MemoryBackend({ secret, onEvent: ({ key }) => keys.push(key) });
    const parts = backend.signer?.parts;
    await parts?.put("upload/0001", bytes(60));
    await backend.put("a", bytes(40));
    expect(keys).toEqual(["a"]);
    await backend.close();
    expect(await codeOf(Promise.resolve(parts?.get("upload/0001")))).toBe("Closed");
  });
});
