import { createHash } from "node:crypto";
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import {
  Backend,
  FileNotFoundError,
  type Progress,
  type PutOptions,
  type StorageData,
  type StorageErrorCode,
} from "@storage/core";
import { describe, expect, test } from "vitest";
import { failure } from "./expect-failure.ts";
import { joined, MapDriver, pieces } from "./map-driver.ts";

const body = new TextEncoder().encode("0123456789");
const sha256 = createHash("sha256").update(body).digest("hex");
const other = createHash("sha256").update("other").digest("hex");

const shapes: Record<string, () => StorageData> = {
  bytes: () => body,
  "a stream": () => pieces(body),
  "a Blob": () => new Blob([body]),
  "a web stream": () => new Blob([body]).stream(),
  "a Node stream": () => Readable.from([body]),
};

const terms: [string, PutOptions, StorageErrorCode | undefined][] = [
  ["the right size", { size: 10 }, undefined],
  ["a size that is too small", { size: 9 }, "InvalidArgument"],
  ["a size that is too large", { size: 11 }, "InvalidArgument"],
  ["enough maxBytes", { maxBytes: 10 }, undefined],
  ["too few maxBytes", { maxBytes: 9 }, "TooLarge"],
  ["no maxBytes at all", { maxBytes: 0 }, "TooLarge"],
  ["a declared size above maxBytes", { size: 10, maxBytes: 9 }, "TooLarge"],
  ["the right checksum", { checksum: { sha256 } }, undefined],
  ["the right checksum in capitals", { checksum: { sha256: sha256.toUpperCase() } }, undefined],
  ["another checksum", { checksum: { sha256: other } }, "Integrity"],
];

describe.each(Object.entries(shapes))("a put of %s with", (_, data) => {
  test.each(terms)("%s", async (_, options, code) => {
    const driver = new MapDriver();
    const backend = new Backend(driver);
    await backend.put("a", "before", { metadata: { old: true } });
    if (code === undefined) {
      expect((await backend.put("a", data(), options)).size).toBe(10);
      expect(await backend.get("a")).toEqual(Uint8Array.from(body));
      return;
    }
    const error = await failure(backend.put("a", data(), options), code);
    expect(error).toMatchObject({ operation: "put", key: "a", outcome: "not-applied", retryable: false });
    expect(await (await backend.open("a")).text()).toBe("before");
    expect((await backend.getMetadata("a")).metadata).toEqual({ old: "true" });
    expect(driver.count("write")).toBeLessThanOrEqual(2);
  });

  test("onProgress, which never goes back and ends after the commit", async () => {
    const driver = new MapDriver();
    const seen: Progress[] = [];
    const storedAt: boolean[] = [];
    await new Backend(driver).put("a", data(), {
      onProgress: (progress) => {
        seen.push(progress);
        storedAt.push(driver.objects.has("a"));
      },
    });
    const loaded = seen.map((progress) => progress.loaded);
    expect(loaded).toEqual(loaded.toSorted((a, b) => a - b));
    expect(seen.at(-1)).toEqual({ loaded: 10, total: 10 });
    expect(storedAt.at(-1)).toBe(true);
  });
});

test("a stream longer than maxBytes is left as soon as that shows", async () => {
  let taken = 0;
  let freed = false;
  const endless = async function* () {
    try {
      for (;;) {
        taken++;
        yield new Uint8Array(10);
      }
    } finally {
      freed = true;
    }
  };
  await failure(new Backend(new MapDriver()).put("a", endless(), { maxBytes: 25 }), "TooLarge");
  expect({ taken, freed }).toEqual({ taken: 3, freed: true });
});

test("a backend that holds smaller objects refuses what is larger", async () => {
  const driver = new MapDriver();
  driver.limits = { ...driver.limits, objectBytes: 5 };
  await failure(new Backend(driver).put("a", body), "TooLarge");
  await failure(new Backend(driver).put("a", pieces(body)), "TooLarge");
});

test("an onProgress that throws changes nothing", async () => {
  const onProgress = (): never => {
    throw new Error("mine");
  };
  const backend = new Backend(new MapDriver());
  await backend.put("a", pieces(body), { onProgress });
  expect(await backend.get("a", { onProgress })).toEqual(Uint8Array.from(body));
});

describe("a source that fails", () => {
  const cause = new Error("the disk of the caller");

  const failing: Record<string, () => StorageData> = {
    "a generator": async function* () {
      yield body;
      throw cause;
    },
    "a Node stream": () =>
      Readable.from(
        (async function* () {
          yield body;
          throw cause;
        })(),
      ),
    "a web stream": () => {
      const left = [body];
      return new ReadableStream<Uint8Array>({
        pull: (controller) => {
          const piece = left.shift();
          if (piece === undefined) controller.error(cause);
          else controller.enqueue(piece);
        },
      });
    },
    "an iterator whose next throws at once": () => ({
      [Symbol.asyncIterator]: () => ({
        next: () => {
          throw cause;
        },
      }),
    }),
    "an iterable that yields no iterator": () => ({
      [Symbol.asyncIterator]: () => {
        throw cause;
      },
    }),
    "an iterator whose return throws as well": () => ({
      [Symbol.asyncIterator]: () => ({
        next: () => Promise.reject(cause),
        return: () => {
          throw new Error("and this");
        },
      }),
    }),
  };

  test.each(Object.entries(failing))(
    "%s: SourceFailed with that very cause, and nothing stored",
    async (_, data) => {
      const driver = new MapDriver();
      const error = await failure(new Backend(driver).put("a", data()), "SourceFailed");
      expect(error.cause).toBe(cause);
      expect(error).toMatchObject({ outcome: "not-applied", retryable: false, key: "a", operation: "put" });
      expect(driver.objects.size).toBe(0);
      expect(driver.count("write")).toBe(1);
    },
  );

  test("a Node stream that is destroyed half way is no short success", async () => {
    const driver = new MapDriver();
    const source = new Readable({ read() {} });
    source.push(body);
    const put = new Backend(driver).put("a", source);
    setTimeout(() => source.destroy(), 10);
    await failure(put, "SourceFailed");
    expect(driver.objects.size).toBe(0);
  });

  test("a StorageError keeps its own code", async () => {
    const source = (async function* () {
      yield body;
      throw new FileNotFoundError("gone");
    })();
    const error = await failure(new Backend(new MapDriver()).put("a", source), "FileNotFound");
    expect(error.key).toBe("a");
  });

  test("also where the driver wraps the error, or retries could be thought of", async () => {
    const driver = new MapDriver();
    driver.write = async (_, given) => {
      try {
        await joined(given.stream ?? pieces(given.bytes));
      } catch (error) {
        driver.classify = () => ({ code: "Unavailable" });
        throw new Error("the SDK failed", { cause: error });
      }
      throw new Error("never");
    };
    const source = (async function* () {
      yield body;
      throw cause;
    })();
    expect((await failure(new Backend(driver).put("a", source), "SourceFailed")).cause).toBe(cause);
  });

  test("is not covered up by a driver that takes it for the end", async () => {
    const driver = new MapDriver();
    const write = driver.write.bind(driver);
    driver.write = (key, given, ...rest) => {
      const stream = (async function* () {
        try {
          if (given.stream) yield* given.stream;
        } catch {}
      })();
      return write(key, { stream }, ...rest);
    };
    const source = (async function* () {
      yield body;
      throw cause;
    })();
    await failure(new Backend(driver).put("a", source), "SourceFailed");
  });

  test("yields what is no bytes: InvalidArgument, and it is freed", async () => {
    let freed = false;
    const source = (async function* () {
      try {
        yield 5 as unknown as Uint8Array;
      } finally {
        freed = true;
      }
    })();
    await failure(new Backend(new MapDriver()).put("a", source), "InvalidArgument");
    expect(freed).toBe(true);
  });
});

test("a driver that stores fewer bytes than it was given does not pass for success", async () => {
  const driver = new MapDriver();
  driver.write = async (key, given, attributes) =>
    driver.hold(key, (given.bytes ?? new Uint8Array()).slice(1), attributes);
  await failure(new Backend(driver).put("a", body), "Integrity");
  driver.write = async (key, given, attributes) => {
    const first = await given.stream?.[Symbol.asyncIterator]().next();
    return driver.hold(key, first?.value ?? new Uint8Array(), attributes);
  };
  await failure(new Backend(driver).put("a", pieces(body)), "Integrity");
});

test("a source that the service refused is closed: no file stays open", async () => {
  const driver = new MapDriver();
  const backend = new Backend(driver);
  await backend.put("a", "x");
  driver.write = async () => {
    throw new FileNotFoundError("no");
  };
  const source = createReadStream(import.meta.filename);
  await failure(backend.put("a", source), "FileNotFound");
  if (!source.closed) await once(source, "close");
  expect(source.destroyed).toBe(true);
});
