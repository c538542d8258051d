import * as nodeFs from "node:fs";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type FileSystem, LocalBackend } from "@storage/local";
import { expect, test } from "vitest";
import { rejection } from "./rejection.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const secret = "a secret of this test";

type Call = keyof FileSystem;

/** Aborts at the n-th of these calls, and counts what begins after the rejection. */
async function abortedAt(
  abortedCall: Call,
  work: (store: LocalBackend, signal: AbortSignal) => Promise<unknown>,
): Promise<{
  readonly later: readonly string[];
  readonly basePath: string;
  readonly made: readonly string[];
}> {
  const basePath = await temporaryFolder();
  await new LocalBackend({ basePath, secret }).put("old", "old", { metadata: { of: "old" } });
  const controller = new AbortController();
  const made: string[] = [];
  const later: string[] = [];
  let isRejected = false;
  const watched = new Proxy(nodeFs, {
    get(target, name) {
      const real: unknown = Reflect.get(target, name);
      if (typeof real !== "function") return real;
      return (...parameters: unknown[]) => {
        (isRejected ? later : made).push(String(name));
        if (name === abortedCall) controller.abort();
        return Reflect.apply(real, target, parameters);
      };
    },
  });
  const store = new LocalBackend({ basePath, secret, fs: watched });
  await rejection(work(store, controller.signal), "Aborted");
  isRejected = true;
  await delay(100);
  return { later, basePath, made };
}

const big = new Uint8Array(200 * 1024 * 1024);

async function* chunks(): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < 50; index++) yield new Uint8Array(300_000);
}

test.each<[string, Call, (store: LocalBackend, signal: AbortSignal) => Promise<unknown>]>([
  ["a put of many bytes", "write", (store, signal) => store.put("a", big, { signal })],
  [
    "a put of a stream",
    "write",
    (store, signal) => store.put("a", chunks(), { signal, metadata: { a: "b" } }),
  ],
  ["an overwrite, before its commit", "fsync", (store, signal) => store.put("old", "new", { signal })],
  ["a create-only put", "symlink", (store, signal) => store.put("a", "1", { signal, ifNoneMatch: "*" })],
  [
    "a compare-and-swap",
    "symlink",
    async (store, signal) => {
      const { etag } = await store.getMetadata("old");
      return await store.put("old", "new", { signal, ifMatch: etag, metadata: { a: "b" } });
    },
  ],
  [
    "a conditional delete",
    "symlink",
    async (store, signal) => {
      const { etag } = await store.getMetadata("old");
      return await store.delete("old", { signal, ifMatch: etag });
    },
  ],
  ["a copy", "futimes", (store, signal) => store.copy("old", "a", { signal })],
  ["a conditional move", "symlink", (store, signal) => store.move("old", "a", { signal, ifNoneMatch: "*" })],
])("%s that is aborted ends early, changes nothing, and no call begins after it", async (_, call, work) => {
  const { later, basePath, made } = await abortedAt(call, work);
  expect(later).toEqual([]);
  expect(made.filter((name) => name === "write").length).toBeLessThan(10);
  expect(readdirSync(join(basePath, ".storage/tmp"))).toEqual([]);
  expect(readdirSync(join(basePath, ".storage/lock"))).toEqual([]);
  const store = new LocalBackend({ basePath, secret });
  expect(await store.listKeys()).toEqual(["old"]);
  expect((await store.getMetadata("old")).metadata).toEqual({ of: "old" });
  expect(await store.sweep({ olderThan: 0 })).toEqual({ removed: 0 });
});
