import { type StorageBackend, StorageError } from "@storage/core";
import { check, equal, fails } from "../assertions.ts";
import { type ConformanceGroup, group, type Run } from "../conformance-case.ts";
import { keyedMethods, type Method, otherMethods } from "../methods.ts";
import { errorFacts } from "./error-facts.ts";

const methods = [...keyedMethods, ...otherMethods];

const unknownOptions = Object.fromEntries(
  methods.map(({ name, call }): [string, Run] => [
    `${name} refuses an option that it does not know`,
    async ({ backend }) => {
      await backend.put("key", "kept");
      const error = await fails(
        call(backend, "key", { sginal: new AbortController().signal }),
        "InvalidArgument",
      );
      check(error.message.includes("sginal"), "the message names the option");
      check(error.message.includes("signal"), "the message names the nearest one");
      await fails(call(backend, "key", { zebra: 1 }), "InvalidArgument");
      equal(await backend.listKeys(), ["key"], "the keys");
    },
  ]),
);

const closedFirst = Object.fromEntries(
  methods.map(({ name, call }): [string, Run] => [
    `${name} of a closed backend is ClosedError before anything else`,
    async ({ backend }) => {
      await backend.close();
      await fails(call(backend, "a//b", { zebra: 1, signal: AbortSignal.abort() }), "Closed");
    },
  ]),
);

/** An option of each method that has some beside the signal, and what it cannot be. */
const wrongValues: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  put: {
    contentType: 5,
    metadata: "a=b",
    size: "5",
    maxBytes: -1,
    checksum: "abc",
    onProgress: true,
    signal: {},
  },
  get: { maxBytes: 1.5, onProgress: 5, ifMatch: 5, ifNoneMatch: "*", range: 5, signal: "x" },
  open: { maxBytes: 1.5, onProgress: {}, ifMatch: "*", ifNoneMatch: "", range: [0, 1], signal: 5 },
  delete: { ifMatch: "", signal: {} },
  exists: { signal: {} },
  getMetadata: { signal: "x" },
  deleteMany: { signal: 5 },
  checkHealth: { signal: {} },
  "copy from": { replace: "x", ifNoneMatch: "etag", ifMatch: "*", signal: {} },
  "move from": { replace: 5, ifNoneMatch: true, ifMatch: "*", signal: "x" },
  getUrl: { expiresIn: "60", download: 5, mustExist: "no", contentType: "nonsense", cacheControl: 5 },
  getUploadUrl: {
    expiresIn: 604_801,
    size: 1.5,
    minBytes: -1,
    maxBytes: "5",
    method: "put",
    ifNoneMatch: "etag",
    checksum: { sha256: "abc" },
    metadata: "a=b",
    parts: 1,
  },
  listKeys: { limit: "5", prefix: 5, signal: {} },
  list: { limit: "5", prefix: 5, startAfter: 5, signal: {} },
  listPage: { delimiter: 5, cursor: 5, limit: "5", prefix: 5, startAfter: 5 },
  sweep: { olderThan: -1, signal: {} },
};

async function refusesValues(backend: StorageBackend, { name, call }: Method): Promise<void> {
  for (const [option, value] of Object.entries(wrongValues[name] ?? {}))
    await fails(call(backend, "key", { [option]: value }), "InvalidArgument", "InvalidKey");
}

const wrongOptions = Object.fromEntries(
  methods
    .filter(({ name }) => name in wrongValues)
    .map((method): [string, Run] => [
      `${method.name} refuses values that its options cannot have`,
      async ({ backend }) => {
        await refusesValues(backend, method);
        equal(await backend.listKeys(), [], "the keys");
      },
    ]),
);

export const errors: ConformanceGroup = group("Errors and options", {
  ...unknownOptions,
  ...wrongOptions,
  ...closedFirst,
  ...errorFacts,
  "an error says what, of which object, where and whether to try again": async ({ backend }) => {
    const error = await fails(backend.get("folder/missing"), "FileNotFound");
    const { code, operation, key, backend: name, retryable, outcome } = error;
    equal(
      { code, operation, key, backend: name, retryable, outcome },
      {
        code: "FileNotFound",
        operation: "get",
        key: "folder/missing",
        backend: backend.name,
        retryable: false,
        outcome: "not-applied",
      },
      "the facts",
    );
    check(
      error instanceof Error && error.name === "FileNotFoundError",
      "it is an Error with the name of its class",
    );
  },
  "an error is known by its code": async ({ backend }) => {
    const error = await fails(backend.get("missing"), "FileNotFound");
    check(StorageError.is(error), "it is a StorageError");
    check(StorageError.is(error, "FileNotFound") && !StorageError.is(error, "Unknown"), "of this code only");
  },
  "an error can be written down": async ({ backend }) => {
    const error = await fails(backend.get("missing"), "FileNotFound");
    const { name, code, key } = JSON.parse(JSON.stringify(error)) as Record<string, unknown>;
    equal(
      { name, code, key },
      { name: "FileNotFoundError", code: "FileNotFound", key: "missing" },
      "its JSON",
    );
  },
  "a key in a message is escaped": async ({ backend }) => {
    const error = await fails(backend.get("a\nb"), "InvalidKey");
    check(!error.message.includes("\n"), "no line break of a key reaches a log");
  },
  "an error names the method that was called": async ({ backend }) => {
    equal((await fails(backend.open("missing"), "FileNotFound")).operation, "open", "open");
    equal(
      (await fails(backend.getMetadata("missing"), "FileNotFound")).operation,
      "getMetadata",
      "getMetadata",
    );
    equal((await fails(backend.copy("missing", "b"), "FileNotFound")).operation, "copy", "copy");
    equal((await fails(backend.move("missing", "b"), "FileNotFound")).operation, "move", "move");
  },
  "the key is looked at before the options": async ({ backend }) => {
    for (const { call } of keyedMethods)
      await fails(call(backend, "a//b", { zebra: 1, signal: AbortSignal.abort() }), "InvalidKey");
  },
  "the options are looked at before the signal": async ({ backend }) => {
    for (const { call } of methods)
      await fails(call(backend, "key", { zebra: 1, signal: AbortSignal.abort() }), "InvalidArgument");
  },
  "an option that is undefined is none": async ({ backend }) => {
    await backend.put("key", "x", {
      contentType: undefined,
      metadata: undefined,
      ifMatch: undefined,
      signal: undefined,
    });
    await backend.get("key", { range: undefined, maxBytes: undefined });
    await backend.listPage({
      delimiter: undefined,
      cursor: undefined,
      startAfter: undefined,
      limit: undefined,
    });
    await backend.copy("key", "copy", { replace: undefined, ifMatch: undefined });
    equal((await backend.listKeys({ prefix: undefined })).length, 2, "the number of keys");
  },
  "options that are no object are refused": async ({ backend }) => {
    for (const options of [null, 5, "x", true])
      await fails(backend.put("key", "x", options as unknown as object), "InvalidArgument");
  },
  "another provider's options are passed over": async ({ backend }) => {
    await backend.put("key", "x", { elsewhere: { storageClass: "COLD" } } as object);
    equal(await backend.exists("key"), true, "exists");
    await fails(backend.put("other", "x", { elsewhere: true } as object), "InvalidArgument");
  },
});
