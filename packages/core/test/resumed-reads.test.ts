import { Backend, type Body, type Bytes, type StoredObject } from "@storage/core";
import { describe, expect, test } from "vitest";
import { failure } from "./expect-failure.ts";
import { joined, MapDriver, pieces, ServiceFailure } from "./map-driver.ts";

const body = new TextEncoder().encode("0123456789abcdefghij");

/** Some bytes, then the end or an error. */
function broken(bytes: Bytes, end?: Error): Body {
  return {
    stream: (async function* () {
      yield* pieces(bytes);
      if (end !== undefined) throw end;
    })(),
  };
}

async function stored(): Promise<{ driver: MapDriver; backend: Backend; etag: string }> {
  const driver = new MapDriver();
  const backend = new Backend(driver);
  const { etag } = await backend.put("a", body);
  return { driver, backend, etag };
}

const ways: Record<string, (object: StoredObject) => Promise<Uint8Array>> = {
  "bytes()": (object) => object.bytes(),
  "the stream": (object) => joined(object.body),
};

describe.each(Object.entries(ways))("a body read as %s", (_, read) => {
  test.each([
    ["is short", undefined],
    ["is reset", new ServiceFailure("Unavailable")],
  ])("that %s goes on with Range and If-Match", async (_, end) => {
    const { driver, backend, etag } = await stored();
    driver.bodyOf = (bytes) => (driver.count("read") === 1 ? broken(bytes.slice(0, 7), end) : broken(bytes));
    expect(await read(await backend.open("a"))).toEqual(Uint8Array.from(body));
    expect(driver.requests.at(-1)?.call).toMatchObject({ range: { start: 7, end: 20 }, ifMatch: etag });
    expect(driver.count("read")).toBe(2);
  });

  test("goes on inside the range that was asked for", async () => {
    const { driver, backend } = await stored();
    driver.bodyOf = (bytes) => broken(driver.count("read") === 1 ? bytes.slice(0, 3) : bytes);
    expect(await read(await backend.open("a", { range: { start: 5, end: 12 } }))).toEqual(body.slice(5, 12));
    expect(driver.requests.at(-1)?.call.range).toEqual({ start: 8, end: 12 });
    const suffix = { suffix: 4 };
    driver.requests.length = 0;
    expect(await read(await backend.open("a", { range: suffix }))).toEqual(body.slice(16));
    expect(driver.requests.at(-1)?.call.range).toEqual({ start: 19, end: 20 });
  });

  test("goes on also where the service gives the rest in one piece", async () => {
    const { driver, backend } = await stored();
    driver.bodyOf = (bytes) => (driver.count("read") === 1 ? broken(bytes.slice(0, 7)) : { bytes });
    expect(await read(await backend.open("a"))).toEqual(Uint8Array.from(body));
  });

  test("of an object that changed meanwhile is an IntegrityError", async () => {
    const { driver, backend } = await stored();
    driver.bodyOf = (bytes) => broken(bytes.slice(0, 7));
    const object = await backend.open("a");
    await backend.put("a", "something else of some length");
    const error = await failure(read(object), "Integrity");
    expect(error).toMatchObject({ key: "a", operation: "open" });
    const gone = await backend.open("a");
    driver.objects.clear();
    await failure(read(gone), "Integrity");
  });

  test("of an object that changed is an IntegrityError also where the service passes over If-Match", async () => {
    const { driver, backend } = await stored();
    driver.bodyOf = (bytes) => broken(driver.count("read") === 1 ? bytes.slice(0, 7) : bytes);
    const object = await backend.open("a");
    await backend.put("a", body);
    const send = driver.read.bind(driver);
    driver.read = (key, { ifMatch: _, ...call }) => send(key, call);
    await failure(read(object), "Integrity");
  });

  test("is no mix where the service passes over Range", async () => {
    const { driver, backend } = await stored();
    driver.bodyOf = (bytes) => broken(driver.count("read") === 1 ? bytes.slice(0, 7) : bytes);
    const object = await backend.open("a");
    const send = driver.read.bind(driver);
    driver.read = async (key, { range: _, ...call }) => ({
      ...(await send(key, call)),
      range: { start: 0, end: 20 },
    });
    await failure(read(object), "Integrity");
  });

  test("that is longer than announced is an IntegrityError", async () => {
    const { driver, backend } = await stored();
    driver.bodyOf = (bytes) => broken(Uint8Array.from([...bytes, 1]));
    await failure(read(await backend.open("a")), "Integrity");
  });

  test("that breaks off once and again is an error in the end: maxAttempts requests, for the call as a whole", async () => {
    const { driver, backend } = await stored();
    driver.bodyOf = (bytes) => broken(bytes.slice(0, 1), new ServiceFailure("Unavailable"));
    await failure(read(await backend.open("a")), "Unavailable");
    expect(driver.count("read")).toBe(4);
  });

  test("is not sent for again when it was reset after its last byte", async () => {
    const { driver, backend } = await stored();
    driver.bodyOf = (bytes) => broken(bytes, new ServiceFailure("Unavailable"));
    expect(await read(await backend.open("a"))).toEqual(Uint8Array.from(body));
    expect(driver.count("read")).toBe(1);
  });

  test("is not handed over where the driver finds at its end that it is damaged", async () => {
    const { driver, backend } = await stored();
    driver.bodyOf = (bytes) => broken(bytes, new ServiceFailure("Integrity"));
    await failure(read(await backend.open("a")), "Integrity");
  });

  test("is an error at once where the service knows no ranges", async () => {
    const driver = new MapDriver({ rangeReads: false });
    const backend = new Backend(driver);
    await backend.put("a", body);
    driver.bodyOf = (bytes) => broken(bytes.slice(0, 7));
    await failure(read(await backend.open("a")), "Unavailable");
    expect(driver.count("read")).toBe(1);
  });

  test("is not tried again after a 4xx in its middle", async () => {
    const { driver, backend } = await stored();
    driver.bodyOf = (bytes) => broken(bytes.slice(0, 7), new ServiceFailure("PermissionDenied"));
    await failure(read(await backend.open("a")), "PermissionDenied");
    expect(driver.count("read")).toBe(1);
  });
});

test("bytes in one piece of another length than announced are an IntegrityError", async () => {
  const { driver, backend } = await stored();
  driver.bodyOf = (bytes) => ({ bytes: bytes.slice(1) });
  await failure(backend.get("a"), "Integrity");
});

test("a body that was left sends nothing more, whatever its request ends with", async () => {
  const { driver, backend } = await stored();
  driver.bodyOf = (bytes, { call }) => ({
    stream: (async function* () {
      yield bytes.slice(0, 4);
      await new Promise((_, reject) =>
        call.signal.addEventListener("abort", () => reject(new ServiceFailure("Unavailable"))),
      );
    })(),
  });
  const object = await backend.open("a");
  const reader = object.body.getReader();
  await reader.read();
  const pending = reader.read();
  await reader.cancel();
  await pending;
  await new Promise((resolve) => setTimeout(resolve, 150));
  expect(driver.count("read")).toBe(1);
  await backend.close();
});

test("a body can be read once", async () => {
  const { backend } = await stored();
  const object = await backend.open("a");
  expect(await object.text()).toBe("0123456789abcdefghij");
  await failure(object.bytes(), "InvalidArgument");
  expect(() => object.body).toThrow("once");
  const streamed = await backend.open("a");
  expect(streamed.body).toBe(streamed.body);
  await failure(streamed.text(), "InvalidArgument");
  await streamed.body.cancel();
  const disposed = await backend.open("a");
  await disposed[Symbol.asyncDispose]();
  await disposed[Symbol.asyncDispose]();
  await failure(disposed.text(), "InvalidArgument");
});

test("json reads JSON, and what is none is an error of ours", async () => {
  const { backend } = await stored();
  await backend.put("j", '{"a":[1]}');
  expect(await (await backend.open("j")).json<{ a: number[] }>()).toEqual({ a: [1] });
  await backend.put("j", "no");
  await expect((await backend.open("j")).json()).rejects.toThrow(SyntaxError);
});

test("a stream that a layer cuts short is no success either", async () => {
  const { driver, backend } = await stored();
  const { classify: _, ...plain } = {
    ...Object.fromEntries(
      ["write", "head", "remove", "list"].map((name) => [name, Reflect.get(driver, name).bind(driver)]),
    ),
    name: driver.name,
    features: driver.features,
    limits: driver.limits,
    classify: undefined,
    read: async (key: string) => ({ facts: await driver.head(key, {}), body: broken(body.slice(0, 5)) }),
  };
  const layered = new Backend(plain as unknown as ConstructorParameters<typeof Backend>[0]);
  await failure(layered.get("a"), "Integrity");
  await expect(joined((await layered.open("a")).body)).rejects.toMatchObject({ code: "Integrity" });
  await backend.close();
});

test("onProgress of a read counts up to the length of what is read", async () => {
  const { backend, driver } = await stored();
  for (const bodyOf of [driver.bodyOf, (bytes: Bytes): Body => ({ bytes })]) {
    driver.bodyOf = bodyOf;
    for (const read of Object.values(ways)) {
      const seen: unknown[] = [];
      await read(
        await backend.open("a", { range: { start: 10 }, onProgress: (progress) => seen.push(progress) }),
      );
      expect(seen.at(-1)).toEqual({ loaded: 10, total: 10 });
    }
    const seen: unknown[] = [];
    await backend.get("a", { onProgress: (progress) => seen.push(progress) });
    expect(seen.at(-1)).toEqual({ loaded: 20, total: 20 });
  }
});

test("maxBytes counts what would be returned, and a larger object is not read", async () => {
  const { driver, backend } = await stored();
  expect((await backend.get("a", { maxBytes: 20 })).length).toBe(20);
  expect((await backend.get("a", { maxBytes: 5, range: { suffix: 5 } })).length).toBe(5);
  let freed = false;
  driver.bodyOf = (bytes, { call }) => {
    call.signal.addEventListener("abort", () => {
      freed = true;
    });
    return { stream: pieces(bytes) };
  };
  await failure(backend.get("a", { maxBytes: 19 }), "TooLarge");
  expect(freed).toBe(true);
  await failure(backend.open("a", { maxBytes: 19 }), "TooLarge");
});
