import { Backend, type CopyCall, type CopyOptions, type ObjectFacts } from "@storage/core";
import { describe, expect, test } from "vitest";
import { failure } from "./expect-failure.ts";
import { MapDriver, pieces, ServiceFailure } from "./map-driver.ts";

const attributes = {
  contentType: "text/html; charset=utf-8",
  cacheControl: "max-age=60",
  contentDisposition: 'attachment; filename="x"',
  contentEncoding: "gzip",
  metadata: { owner: "me" },
};

/** With a copy of the service's own. */
class CopyingDriver extends MapDriver {
  readonly copies: CopyCall[] = [];

  async copy(source: string, target: string, call: CopyCall): Promise<ObjectFacts> {
    this.copies.push(call);
    const held = this.objects.get(source);
    if (held === undefined) throw new ServiceFailure("FileNotFound");
    const { etag } = held.facts;
    if (call.ifMatch !== undefined && call.ifMatch !== etag) throw new ServiceFailure("PreconditionFailed");
    if (call.ifNoneMatch && this.objects.has(target)) throw new ServiceFailure("PreconditionFailed");
    return this.hold(target, held.bytes, { ...held.facts, ...call.replace });
  }
}

const text = async (backend: Backend, key: string): Promise<string> => (await backend.open(key)).text();

describe.each([
  ["by reading and writing", MapDriver],
  ["by the service", CopyingDriver],
])("%s", (_, Driver) => {
  async function ready(): Promise<{ driver: MapDriver; backend: Backend; etag: string }> {
    const driver = new Driver();
    const backend = new Backend(driver);
    const { etag } = await backend.put("a", "body", attributes);
    return { driver, backend, etag };
  }

  test("a copy has body and attributes, and a replacement has only what it names", async () => {
    const { backend } = await ready();
    const copied = await backend.copy("a", "b");
    expect(copied).toMatchObject({ ...attributes, key: "b", size: 4 });
    expect(await backend.getMetadata("b")).toEqual(copied);
    const replaced = await backend.copy("a", "c.txt", { replace: { metadata: { new: 1 } } });
    expect(replaced).toEqual({
      key: "c.txt",
      size: 4,
      etag: replaced.etag,
      lastModified: replaced.lastModified,
      contentType: "text/plain",
      metadata: { new: "1" },
    });
    expect(await text(backend, "c.txt")).toBe("body");
    expect(await text(backend, "a")).toBe("body");
  });

  test("a move leaves nothing behind", async () => {
    const { backend } = await ready();
    expect(await backend.move("a", "b")).toMatchObject({ ...attributes, key: "b" });
    expect(await backend.listKeys()).toEqual(["b"]);
    expect(await backend.move("b", "c", { replace: {} })).toMatchObject({ metadata: {} });
    expect(await backend.listKeys()).toEqual(["c"]);
  });

  test.each(["copy", "move"] as const)(
    "%s of what is missing names the source and leaves the target",
    async (method) => {
      const { backend } = await ready();
      const error = await failure(backend[method]("missing", "a"), "FileNotFound");
      expect(error).toMatchObject({ key: "missing", target: "a", operation: method });
      expect(error.message).toContain("missing");
      expect(await text(backend, "a")).toBe("body");
      await failure(backend[method]("missing", "missing"), "FileNotFound");
    },
  );

  test.each(["copy", "move"] as const)(
    "%s onto itself does nothing, or rewrites the attributes",
    async (method) => {
      const { backend, etag } = await ready();
      expect(await backend[method]("a", "a")).toMatchObject({ etag, ...attributes });
      expect(await backend[method]("a", "a", { ifMatch: etag })).toMatchObject({ etag });
      await failure(backend[method]("a", "a", { ifMatch: "other" }), "PreconditionFailed");
      await failure(backend[method]("a", "a", { ifNoneMatch: "*" }), "PreconditionFailed");
      const written = await backend[method]("a", "a", { replace: { contentType: "a/b" } });
      expect(written).toMatchObject({ contentType: "a/b", metadata: {}, size: 4 });
      expect(await text(backend, "a")).toBe("body");
    },
  );

  test.each(["copy", "move"] as const)("%s under conditions", async (method) => {
    const { backend, etag } = await ready();
    await backend.put("b", "other");
    await failure(backend[method]("a", "b", { ifNoneMatch: "*" }), "PreconditionFailed");
    await failure(backend[method]("a", "c", { ifMatch: "stale" }), "PreconditionFailed");
    expect(await backend.listKeys()).toEqual(["a", "b"]);
    await backend[method]("a", "c", { ifMatch: etag, ifNoneMatch: "*" });
    expect(await text(backend, "c")).toBe("body");
  });

  test("a move whose remove fails says that both exist, and loses nothing", async () => {
    const { backend, driver } = await ready();
    driver.onRequest = ({ method }) => {
      if (method === "remove") throw new ServiceFailure("PermissionDenied", { requestId: "r" });
    };
    const error = await failure(backend.move("a", "b"), "PermissionDenied");
    expect(error.message).toContain("both exist");
    expect(error).toMatchObject({ key: "a", target: "b", operation: "move", requestId: "r" });
    expect(await text(backend, "a")).toBe("body");
    expect(await text(backend, "b")).toBe("body");
  });

  test("a write to the source during a move is not lost", async () => {
    const { backend, driver } = await ready();
    driver.onRequest = async ({ method }) => {
      if (method !== "remove") return;
      driver.onRequest = undefined;
      driver.hold("a", new TextEncoder().encode("newer"), { ...attributes, internal: {} });
    };
    const error = await failure(backend.move("a", "b"), "PreconditionFailed");
    expect(error.message).toContain("both exist");
    expect(await text(backend, "a")).toBe("newer");
    expect(await text(backend, "b")).toBe("body");
  });

  test("an option that it does not know is refused, in replace too", async () => {
    const { backend, driver } = await ready();
    driver.requests.length = 0;
    await failure(backend.copy("a", "b", { replace: { contentTyp: "x" } as object }), "InvalidArgument");
    await failure(backend.copy("a", "b", { overwrite: true } as object), "InvalidArgument");
    await failure(backend.copy("a", "b", { replace: "no" as unknown as object }), "InvalidArgument");
    await failure(backend.copy("a", "b", { replace: { metadata: { "a b": "c" } } }), "InvalidArgument");
    expect(driver.requests).toEqual([]);
  });
});

test("a source that breaks off while it is copied leaves the target as it was", async () => {
  const driver = new MapDriver({ rangeReads: false });
  const backend = new Backend(driver);
  await backend.put("a", "a longer body");
  await backend.put("b", "before");
  driver.bodyOf = (bytes) => ({ stream: pieces(bytes.slice(0, 5)) });
  const error = await failure(backend.copy("a", "b"), "Unavailable");
  expect(error).toMatchObject({ key: "a", target: "b" });
  driver.bodyOf = (bytes) => ({ bytes });
  expect(await text(backend, "b")).toBe("before");
});

test("a target that fails frees the source", async () => {
  const driver = new MapDriver();
  const backend = new Backend(driver);
  await backend.put("a", "a longer body");
  let freed = false;
  driver.bodyOf = (bytes, { call }) => {
    call.signal.addEventListener("abort", () => {
      freed = true;
    });
    return { stream: pieces(bytes) };
  };
  driver.write = async () => {
    throw new ServiceFailure("QuotaExceeded");
  };
  await failure(backend.copy("a", "b"), "QuotaExceeded");
  expect(freed).toBe(true);
});

test("a service's own move is used, but never onto itself", async () => {
  const moves: [string, string, CopyOptions][] = [];
  const driver = new MapDriver();
  const move = async (source: string, target: string, call: CopyCall): Promise<ObjectFacts> => {
    moves.push([source, target, { ifMatch: call.ifMatch, ifNoneMatch: call.ifNoneMatch }]);
    return driver.head(source, call);
  };
  const backend = new Backend(Object.assign(driver, { move }));
  const { etag } = await backend.put("a", "x");
  await backend.move("a", "b", { ifMatch: `"${etag}"` });
  await backend.move("a", "a");
  expect(moves).toEqual([["a", "b", { ifMatch: etag, ifNoneMatch: undefined }]]);
});

test("a service that copies without ifMatch is not handed one by a move", async () => {
  const driver = new CopyingDriver({ copyIfMatch: false });
  const backend = new Backend(driver);
  await backend.put("a", "x");
  await backend.move("a", "b");
  expect(driver.copies.map(({ ifMatch }) => ifMatch)).toEqual([undefined]);
  await failure(backend.copy("b", "c", { ifMatch: "e" }), "NotSupported");
});

test("without conditional deletes, a move removes only what it copied as far as it can see", async () => {
  const driver = new MapDriver({ conditionalDelete: false });
  const backend = new Backend(driver);
  await backend.put("a", "body");
  driver.onRequest = ({ method }) => {
    if (method === "write") driver.hold("a", new Uint8Array(), { ...attributes, internal: {} });
  };
  await failure(backend.move("a", "b"), "PreconditionFailed");
  expect(await backend.exists("a")).toBe(true);
  driver.onRequest = undefined;
  await backend.move("a", "c");
  expect(driver.requests.filter(({ method }) => method === "remove").map(({ call }) => call.ifMatch)).toEqual(
    [undefined],
  );
});
