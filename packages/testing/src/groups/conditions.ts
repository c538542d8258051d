import { type StorageBackend, StorageError } from "@storage/core";
import { check, equal, fails } from "../assertions.ts";
import { type ConformanceGroup, group, has, when } from "../conformance-case.ts";
import { heldPut } from "../held-put.ts";
import { chunksOf, randomBytes, textOf } from "../samples.ts";
import { kindConditions } from "./kinds.ts";

/** How many of the calls went through; every other one has to have met a condition. */
async function winners(calls: readonly Promise<unknown>[]): Promise<number> {
  const settled = await Promise.allSettled(calls);
  for (const result of settled)
    if (result.status === "rejected") await fails(Promise.reject(result.reason), "PreconditionFailed");
  return settled.filter(({ status }) => status === "fulfilled").length;
}

async function increment(backend: StorageBackend): Promise<void> {
  for (;;) {
    const object = await backend.open("counter");
    const value = Number(await object.text());
    try {
      await backend.put("counter", String(value + 1), { ifMatch: object.etag });
      return;
    } catch (error) {
      if (!StorageError.is(error, "PreconditionFailed")) throw error;
    }
  }
}

export const conditions: ConformanceGroup = group("Conditions", {
  ...kindConditions,
  "create-only creates what is not there": when(has("createOnly"), async ({ backend }) => {
    await backend.put("folder/key", "x", { ifNoneMatch: "*" });
    equal(textOf(await backend.get("folder/key")), "x", "the body");
  }),
  "create-only leaves what is there": when(has("createOnly"), async ({ backend }) => {
    await backend.put("key", "first");
    await fails(backend.put("key", "second", { ifNoneMatch: "*" }), "PreconditionFailed");
    equal(textOf(await backend.get("key")), "first", "the body");
  }),
  "create-only creates again what was deleted": when(has("createOnly"), async ({ backend }) => {
    await backend.put("key", "first", { ifNoneMatch: "*" });
    await backend.delete("key");
    await backend.put("key", "second", { ifNoneMatch: "*" });
    equal(textOf(await backend.get("key")), "second", "the body");
  }),
  "of many that create one key, one wins": when(has("createOnly"), async ({ backend }) => {
    const calls = Array.from({ length: 16 }, (_, index) =>
      backend.put("key", `${index}`, { ifNoneMatch: "*" }),
    );
    equal(await winners(calls), 1, "the number of winners");
    const results = await Promise.allSettled(calls);
    equal(
      textOf(await backend.get("key")),
      `${results.findIndex(({ status }) => status === "fulfilled")}`,
      "the winner's body",
    );
  }),
  "create-only holds for a stream, at its end": when(has("createOnly"), async ({ backend }) => {
    const { putting, release } = await heldPut(backend, "key", { ifNoneMatch: "*" });
    await backend.put("key", "came between");
    release();
    await fails(putting, "PreconditionFailed");
    equal(textOf(await backend.get("key")), "came between", "the body");
  }),
  "create-only of a large stream leaves what is there": when(has("createOnly"), async ({ backend }) => {
    await backend.put("key", "kept");
    await fails(
      backend.put("key", chunksOf(randomBytes(9_000_000), 1_000_000), { ifNoneMatch: "*" }),
      "PreconditionFailed",
    );
    equal(textOf(await backend.get("key")), "kept", "the body");
    equal(await backend.listKeys(), ["key"], "the keys");
  }),
  "a put with the object's etag replaces it": when(has("compareAndSwap"), async ({ backend }) => {
    const { etag } = await backend.put("key", "first");
    const second = await backend.put("key", "second", { ifMatch: etag });
    equal(textOf(await backend.get("key")), "second", "the body");
    check(second.etag !== etag, "the etag is a new one");
  }),
  "a put with a stale etag changes nothing": when(has("compareAndSwap"), async ({ backend }) => {
    const { etag } = await backend.put("key", "first");
    await backend.put("key", "second");
    await fails(backend.put("key", "third", { ifMatch: etag }), "PreconditionFailed");
    equal(textOf(await backend.get("key")), "second", "the body");
  }),
  "a put with an etag takes it in quotes, too": when(has("compareAndSwap"), async ({ backend }) => {
    const { etag } = await backend.put("key", "first");
    await backend.put("key", "second", { ifMatch: `"${etag}"` });
    equal(textOf(await backend.get("key")), "second", "the body");
  }),
  "a put with an etag onto nothing stores nothing": when(has("compareAndSwap"), async ({ backend }) => {
    await fails(backend.put("missing", "x", { ifMatch: "any" }), "PreconditionFailed");
    equal(await backend.exists("missing"), false, "exists");
  }),
  "the etag of a same body written again is stale": when(has("compareAndSwap"), async ({ backend }) => {
    const { etag } = await backend.put("key", "one", {
      metadata: backend.capabilities.userMetadata ? { a: "1" } : {},
    });
    await backend.put("key", "two");
    await fails(backend.put("key", "six", { ifMatch: etag }), "PreconditionFailed");
  }),
  "a stream whose object changed meanwhile stores nothing": when(
    has("compareAndSwap"),
    async ({ backend }) => {
      const { etag } = await backend.put("key", "first");
      const { putting, release } = await heldPut(backend, "key", { ifMatch: etag });
      await backend.put("key", "came between");
      release();
      await fails(putting, "PreconditionFailed");
      equal(textOf(await backend.get("key")), "came between", "the body");
    },
  ),
  "of many that swap one etag, one wins": when(has("compareAndSwap"), async ({ backend }) => {
    const { etag } = await backend.put("key", "start");
    const calls = Array.from({ length: 16 }, (_, index) => backend.put("key", `${index}`, { ifMatch: etag }));
    equal(await winners(calls), 1, "the number of winners");
  }),
  "a counter that many increment loses none": when(has("compareAndSwap"), async ({ backend }) => {
    await backend.put("counter", "0");
    const worker = async (): Promise<void> => {
      for (let turn = 0; turn < 10; turn++) await increment(backend);
    };
    await Promise.all(Array.from({ length: 5 }, worker));
    equal(textOf(await backend.get("counter")), "50", "the counter");
  }),
  "a put cannot ask for both conditions": when(has("createOnly", "compareAndSwap"), async ({ backend }) => {
    await fails(backend.put("key", "x", { ifMatch: "a", ifNoneMatch: "*" }), "InvalidArgument");
  }),
  "a condition that makes no sense is refused": async ({ backend }) => {
    for (const options of [
      { ifNoneMatch: "etag" },
      { ifNoneMatch: true },
      { ifMatch: "*" },
      { ifMatch: "" },
      { ifMatch: 5 },
    ])
      await fails(backend.put("key", "x", options as object), "InvalidArgument");
    equal(await backend.exists("key"), false, "exists");
  },
  "a read with the object's etag gives it, in quotes too": async ({ backend }) => {
    const { etag } = await backend.put("key", "x");
    equal(textOf(await backend.get("key", { ifMatch: etag })), "x", "the body");
    equal(await (await backend.open("key", { ifMatch: `"${etag}"` })).text(), "x", "the body");
  },
  "a read with a stale etag is PreconditionFailed": async ({ backend }) => {
    const { etag } = await backend.put("key", "first");
    await backend.put("key", "second");
    await fails(backend.get("key", { ifMatch: etag }), "PreconditionFailed");
    await fails(backend.open("key", { ifMatch: etag }), "PreconditionFailed");
  },
  "a read of a missing object with an etag is PreconditionFailed": async ({ backend }) => {
    await fails(backend.get("missing", { ifMatch: "any" }), "PreconditionFailed");
    await fails(backend.open("missing/too", { ifMatch: "any" }), "PreconditionFailed");
  },
  "a read of what the reader has already is NotModified, and tells what it is": async ({ backend }) => {
    const { etag } = await backend.put("key", "x");
    const error = await fails(backend.get("key", { ifNoneMatch: etag }), "NotModified");
    equal(error.etag, etag, "the etag");
    check(error.lastModified instanceof Date, "lastModified is a Date");
    const { lastModified } = await backend.getMetadata("key");
    check(Math.abs(error.lastModified.getTime() - lastModified.getTime()) < 1000, "the same second");
    await fails(backend.open("key", { ifNoneMatch: `"${etag}"` }), "NotModified");
  },
  "a read of what the reader has in an older form gives it": async ({ backend }) => {
    const { etag } = await backend.put("key", "first");
    await backend.put("key", "second");
    equal(textOf(await backend.get("key", { ifNoneMatch: etag })), "second", "the body");
    await fails(backend.get("missing", { ifNoneMatch: etag }), "FileNotFound");
  },
});
