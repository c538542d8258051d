import { type StorageBackend, StorageError, type StorageErrorCode } from "@storage/core";
import { check, equal, fails } from "../assertions.ts";
import { type Cases, has, knowsForbiddenKey, lacks, when } from "../conformance-case.ts";
import { keyedMethods } from "../methods.ts";
import { textOf, webStreamOf } from "../samples.ts";

type Failure = readonly [StorageErrorCode, string, (backend: StorageBackend) => Promise<unknown>];

/** Failures that every backend knows, with the method that was called. */
const failures: readonly Failure[] = [
  ["InvalidKey", "put", (b) => b.put("a//b", "x")],
  ["InvalidKey", "delete", (b) => b.delete("a//b")],
  ["InvalidKey", "listKeys", (b) => b.listKeys({ prefix: "a//" })],
  ["InvalidKey", "listPage", (b) => b.listPage({ prefix: "a//" })],
  ["InvalidArgument", "put", (b) => b.put("a", "x", { size: 2 })],
  ["InvalidArgument", "listKeys", (b) => b.listKeys({ limit: -1 })],
  ["InvalidArgument", "copy", (b) => b.copy("a", "b", { ifMatch: "" })],
  ["TooLarge", "put", (b) => b.put("a", "xy", { maxBytes: 1 })],
  ["TooLarge", "get", (b) => b.get("key", { maxBytes: 1 })],
  ["TooLarge", "open", (b) => b.open("key", { maxBytes: 5 })],
  ["Integrity", "put", (b) => b.put("a", "x", { checksum: { sha256: "0".repeat(64) } })],
  ["PreconditionFailed", "get", (b) => b.get("key", { ifMatch: "stale" })],
  ["FileNotFound", "open", (b) => b.open("missing")],
  ["FileNotFound", "copy", (b) => b.copy("missing", "b")],
  ["FileNotFound", "move", (b) => b.move("absent", "b")],
];

async function isDressed(backend: StorageBackend, [code, operation, call]: Failure): Promise<void> {
  const error = await fails(call(backend), code);
  const about = `an error ${code} of ${operation}`;
  equal([error.operation, error.backend], [operation, backend.name], `operation and backend of ${about}`);
  equal([error.retryable, error.outcome], [false, "not-applied"], `retryable and outcome of ${about}`);
  equal(error.name, `${code}Error`, "the name");
  equal(JSON.parse(JSON.stringify(error)).code, code, "the code in its JSON");
  const keyed = !operation.startsWith("list");
  check(!keyed || (typeof error.key === "string" && error.key !== ""), `${about} has a key`);
  check(!/copy|move/.test(operation) || error.target === "b", `${about} has a target`);
  const shown = `${error.message} ${JSON.stringify(error)}`;
  check(!/\/(tmp|var|home|root|Users)\//.test(shown), "no path of the server is shown");
}

export const errorFacts: Cases = {
  "every failure tells method, key, backend and outcome": async ({ backend }) => {
    await backend.put("key", "stored");
    for (const failure of failures) await isDressed(backend, failure);
  },
  "a failed condition of a put tells them, too": when(has("createOnly"), async ({ backend }) => {
    await backend.put("key", "stored");
    await isDressed(backend, ["PreconditionFailed", "put", (b) => b.put("key", "x", { ifNoneMatch: "*" })]);
  }),
  "a failed condition of a delete tells them, too": when(has("conditionalDelete"), async ({ backend }) => {
    await backend.put("stored", "x");
    await isDressed(backend, [
      "PreconditionFailed",
      "delete",
      (b) => b.delete("stored", { ifMatch: "stale" }),
    ]);
  }),
  "a failed condition of a copy or move tells source and target": when(
    has("copyIfMatch", "copyCreateOnly"),
    async ({ backend }) => {
      await backend.put("key", "stored");
      await backend.put("b", "kept");
      for (const method of ["copy", "move"] as const) {
        for (const options of [{ ifMatch: "stale" }, { ifNoneMatch: "*" }] as const) {
          const error = await fails(backend[method]("key", "b", options), "PreconditionFailed");
          equal([error.operation, error.key, error.target], [method, "key", "b"], "method and keys");
          equal(textOf(await backend.get("b")), "kept", "the target");
        }
      }
    },
  ),
  "a range that cannot be satisfied tells them, too": when(has("rangeReads"), async ({ backend }) => {
    await backend.put("key", "stored");
    const range = { start: 100 };
    await isDressed(backend, ["RangeNotSatisfiable", "get", (b) => b.get("key", { range })]);
  }),
  "a key among the failures of deleteMany has an error of its own": async ({ backend }) => {
    const { failed } = await backend.deleteMany(["a//b"]);
    equal(failed.length, 1, "the number of failures");
    for (const { key, error } of failed) {
      check(StorageError.is(error, "InvalidKey"), "it is an InvalidKeyError");
      equal([key, error.key], ["a//b", "a//b"], "the key");
      equal([error.operation, error.backend], ["deleteMany", backend.name], "operation and backend");
    }
  },
  "what is no iterable of keys is refused": async ({ backend }) => {
    await backend.put("a", "kept");
    for (const keys of [undefined, null, 5, {}, "a"])
      await fails(backend.deleteMany(keys as unknown as string[]), "InvalidArgument");
    equal(await backend.exists("a"), true, "exists");
  },
  "the data is looked at before the signal": async ({ backend }) => {
    const signal = AbortSignal.abort();
    await fails(backend.put("key", 5 as unknown as string, { signal }), "InvalidArgument");
    await fails(backend.put("key", "xy", { size: 1, signal }), "InvalidArgument");
    await fails(backend.put("a//b", 5 as unknown as string, { signal }), "InvalidKey");
  },
  "a prefix is looked at before other options": async ({ backend }) => {
    for (const options of [
      { prefix: "/a", zebra: 1 },
      { prefix: "/a", limit: -1 },
    ]) {
      await fails(backend.listKeys(options), "InvalidKey");
      await fails(backend.list(options), "InvalidKey");
      await fails(backend.listPage(options), "InvalidKey");
    }
  },
  "another provider's options are passed over by links": when(has("signedUrls"), async ({ backend }) => {
    await backend.put("key", "x");
    const url = await backend.getUrl("key", { elsewhere: { versionId: "1" } } as object);
    check(url.startsWith("http"), "there is a link");
  }),
  "what we may not look at can neither be written, copied, moved nor deleted": when(
    knowsForbiddenKey,
    async ({ backend, forbiddenKey }) => {
      await backend.put("other", "kept");
      for (const { name, call } of keyedMethods)
        if (!/^(get|exists)/.test(name)) await fails(call(backend, forbiddenKey, {}), "PermissionDenied");
      await fails(backend.put(forbiddenKey, webStreamOf(new Uint8Array(5))), "PermissionDenied");
      const { deleted, failed } = await backend.deleteMany([forbiddenKey]);
      equal([deleted, failed.map(({ error }) => error.code)], [[], ["PermissionDenied"]], "deleteMany");
      equal(textOf(await backend.get("other")), "kept", "the other object");
    },
  ),
};

/** Arguments, then what is supported, then the signal. */
export const orderWhereLacking: Cases = {
  "without ranges, one that makes no sense is InvalidArgument still": when(
    lacks("rangeReads"),
    async ({ backend }) => {
      await fails(backend.get("key", { range: { start: -1 } }), "InvalidArgument");
      const signal = AbortSignal.abort();
      await fails(backend.get("key", { range: { start: 0, end: 1 }, signal }), "NotSupported");
      await backend.put("key", "x");
      await fails(backend.open("key", { range: { start: 0, end: 0 } }), "NotSupported");
    },
  ),
  "without metadata, bad metadata is InvalidArgument still": when(
    lacks("userMetadata"),
    async ({ backend }) => {
      await fails(backend.put("key", "x", { metadata: { "a b": "c" } }), "InvalidArgument");
      await backend.put("key", "x");
      for (const method of ["copy", "move"] as const)
        await fails(backend[method]("key", "b", { replace: { metadata: { a: "b" } } }), "NotSupported");
      equal(await backend.listKeys(), ["key"], "the keys");
    },
  ),
  "without headers, none can replace another": when(lacks("cacheControl"), async ({ backend }) => {
    await backend.put("key", "x");
    for (const method of ["copy", "move"] as const)
      await fails(backend[method]("key", "b", { replace: { cacheControl: "no-store" } }), "NotSupported");
    equal(await backend.listKeys(), ["key"], "the keys");
  }),
  "without conditions, one that makes no sense is InvalidArgument still": when(
    lacks("conditionalDelete"),
    async ({ backend }) => {
      await fails(backend.delete("key", { ifMatch: "" }), "InvalidArgument");
      await fails(backend.delete("missing", { ifMatch: "any" }), "NotSupported");
    },
  ),
};
