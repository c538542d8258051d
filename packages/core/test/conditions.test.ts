import { Backend, checkRead, checkWrite, type StorageDriver, writeId } from "@storage/core";
import { describe, expect, test } from "vitest";
import { failure } from "./expect-failure.ts";
import { MapDriver, pieces, ServiceFailure } from "./map-driver.ts";

async function stored(driver: MapDriver = new MapDriver()): Promise<{
  driver: MapDriver;
  backend: Backend;
  etag: string;
}> {
  const backend = new Backend(driver);
  const { etag } = await backend.put("a", "first");
  return { driver, backend, etag };
}

test("conditions take an etag with quotes or without", async () => {
  const { backend, etag } = await stored();
  for (const form of [etag, `"${etag}"`]) {
    expect(etag).not.toContain('"');
    await backend.get("a", { ifMatch: form });
    await failure(backend.get("a", { ifNoneMatch: form }), "NotModified");
    await backend.copy("a", "b", { ifMatch: form });
    expect(await backend.delete("b", { ifMatch: `"${(await backend.getMetadata("b")).etag}"` })).toBe(true);
  }
  const next = await backend.put("a", "second", { ifMatch: `"${etag}"` });
  await backend.put("a", "third", { ifMatch: next.etag });
  await failure(backend.put("a", "fourth", { ifMatch: next.etag }), "PreconditionFailed");
});

test("ifMatch on a missing object is PreconditionFailed, from every method that takes it", async () => {
  const plain = new Backend(new MapDriver());
  const driver = new MapDriver();
  const missing = async (): Promise<never> => {
    throw new ServiceFailure("FileNotFound");
  };
  const shortcuts = new Backend(Object.assign(driver, { copy: missing, move: missing, write: missing }));
  for (const backend of [plain, shortcuts]) {
    const ifMatch = "e";
    await failure(backend.put("a", "x", { ifMatch }), "PreconditionFailed");
    await failure(backend.get("a", { ifMatch }), "PreconditionFailed");
    await failure(backend.open("a", { ifMatch }), "PreconditionFailed");
    await failure(backend.get("a", { ifMatch, range: { suffix: 0 } }), "PreconditionFailed");
    await failure(backend.copy("a", "b", { ifMatch }), "PreconditionFailed");
    await failure(backend.copy("a", "a", { ifMatch }), "PreconditionFailed");
    await failure(backend.move("a", "b", { ifMatch }), "PreconditionFailed");
    expect(await backend.delete("a", { ifMatch })).toBe(false);
  }
});

test("NotModified carries the etag and the time of the object", async () => {
  const { backend, etag } = await stored();
  const { lastModified } = await backend.getMetadata("a");
  const error = await failure(backend.open("a", { ifNoneMatch: etag }), "NotModified");
  expect(error).toMatchObject({ etag, lastModified, key: "a" });
  await failure(backend.get("a", { ifNoneMatch: etag, range: { suffix: 0 } }), "NotModified");
  await backend.get("a", { ifNoneMatch: "other" });
});

test("a put cannot want an object and none", async () => {
  const { backend } = await stored();
  await failure(backend.put("a", "x", { ifMatch: "e", ifNoneMatch: "*" }), "InvalidArgument");
  await failure(backend.put("a", "x", { ifNoneMatch: "e" as "*" }), "InvalidArgument");
  await failure(backend.put("a", "x", { ifMatch: "*" }), "InvalidArgument");
  await failure(backend.get("a", { ifMatch: "" }), "InvalidArgument");
});

describe("a conditional put whose first reply was lost", () => {
  /** The write takes effect, and its answer does not arrive. */
  function losing(): MapDriver {
    const driver = new MapDriver();
    driver.onAnswer = ({ method }) => {
      if (method === "write" && driver.count("write") === 1) throw new ServiceFailure("Unavailable");
    };
    return driver;
  }

  test("is our own success, settled by a HEAD", async () => {
    const driver = losing();
    const backend = new Backend(driver);
    const put = await backend.put("a", "mine", { ifNoneMatch: "*" });
    expect(put.etag).toBe(driver.objects.get("a")?.facts.etag);
    expect(driver.requests.map(({ method }) => method)).toEqual(["write", "write", "head"]);
    const swapping = losing();
    const second = new Backend(swapping);
    swapping.hold("a", new Uint8Array(), { contentType: "a/b", metadata: {}, internal: {} });
    const ifMatch = swapping.objects.get("a")?.facts.etag ?? "";
    expect((await second.put("a", "mine", { ifMatch })).size).toBe(4);
  });

  test("is someone else's write when that came first", async () => {
    const driver = losing();
    const backend = new Backend(driver);
    driver.onRequest = ({ method }) => {
      if (method !== "write" || driver.count("write") > 1) return;
      driver.hold("a", new Uint8Array(9), { contentType: "a/b", metadata: {}, internal: {} });
      throw new ServiceFailure("Unavailable");
    };
    await failure(backend.put("a", "mine", { ifNoneMatch: "*" }), "PreconditionFailed");
    expect(driver.objects.get("a")?.bytes.length).toBe(9);
  });

  test.each(["PermissionDenied", "FileNotFound"] as const)(
    "and nobody knows, where the look is answered with %s",
    async (code) => {
      const driver = new MapDriver();
      driver.write = async () => {
        throw new ServiceFailure(tries++ === 0 ? "Unavailable" : "PreconditionFailed");
      };
      driver.head = async () => {
        throw new ServiceFailure(code);
      };
      let tries = 0;
      const expected = code === "FileNotFound" ? "PreconditionFailed" : code;
      const error = await failure(new Backend(driver).put("a", "mine", { ifNoneMatch: "*" }), expected);
      expect(error).toMatchObject({ outcome: "unknown", operation: "put", key: "a" });
    },
  );

  test("is settled also where the driver sends it in parts", async () => {
    const driver = new MapDriver();
    const write = driver.write.bind(driver);
    let completions = 0;
    driver.write = async (key, body, attributes, call) =>
      await call.attempt(async () => {
        const facts = await write(key, body, attributes, call);
        if (++completions === 1) throw new ServiceFailure("Unavailable");
        return facts;
      });
    await new Backend(driver).put("a", "mine", { ifNoneMatch: "*" });
    expect(driver.count("head")).toBe(1);
  });

  test("the write id is not shown, and a copy leaves it behind", async () => {
    const driver = new MapDriver();
    const backend = new Backend(driver);
    const put = await backend.put("a", "mine", { ifNoneMatch: "*", metadata: { k: "v" } });
    expect(driver.objects.get("a")?.facts.internal).toHaveProperty(writeId);
    expect(put.metadata).toEqual({ k: "v" });
    expect((await backend.getMetadata("a")).metadata).toEqual({ k: "v" });
    expect(JSON.stringify(await backend.getMetadata("a"))).not.toContain(writeId);
    await backend.copy("a", "b");
    expect(driver.objects.get("b")?.facts.internal).toEqual({});
    await backend.put("plain", "x");
    expect(driver.objects.get("plain")?.facts.internal).toEqual({});
  });

  test("a condition that fails at first is not asked about", async () => {
    const { backend, driver } = await stored();
    await failure(backend.put("a", "x", { ifNoneMatch: "*" }), "PreconditionFailed");
    await failure(backend.put("a", pieces(new Uint8Array(3)), { ifNoneMatch: "*" }), "PreconditionFailed");
    expect(driver.count("head")).toBe(0);
  });
});

test("checkRead and checkWrite answer for a driver whose service does not", () => {
  const facts = { etag: "e", lastModified: new Date(0) };
  expect(() => checkRead(facts, {})).not.toThrow();
  expect(() => checkRead(facts, { ifMatch: "e", ifNoneMatch: "f" })).not.toThrow();
  expect(() => checkRead(facts, { ifMatch: "f" })).toThrow();
  expect(() => checkRead(facts, { ifNoneMatch: "e" })).toThrow();
  expect(() => checkWrite(undefined, { ifNoneMatch: "*" })).not.toThrow();
  expect(() => checkWrite("e", { ifNoneMatch: "*" })).toThrow();
  expect(() => checkWrite(undefined, { ifMatch: "e" })).toThrow();
  expect(() => checkWrite("e", { ifMatch: "e" })).not.toThrow();
});

test("64 creators of one key: one of them wins", async () => {
  const backend = new Backend(new MapDriver() satisfies StorageDriver);
  const puts = Array.from({ length: 64 }, (_, n) => backend.put("a", `${n}`, { ifNoneMatch: "*" }));
  const ends = await Promise.allSettled(puts);
  expect(ends.filter(({ status }) => status === "fulfilled").length).toBe(1);
});
