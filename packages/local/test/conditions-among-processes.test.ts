import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { StorageError } from "@storage/core";
import { LocalBackend } from "@storage/local";
import { describe, expect, type onTestFinished, test } from "vitest";
import { reportOf, runChild, startChild } from "./child-report.ts";
import type { ConditionalTally, ConditionalWrites } from "./children/conditional-writes.ts";
import type { HoldLock } from "./children/hold-lock.ts";
import { rejection } from "./rejection.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const secret = "a secret of this test";

async function opened(
  whenFinished?: typeof onTestFinished,
): Promise<{ readonly basePath: string; readonly store: LocalBackend }> {
  const basePath = await temporaryFolder(whenFinished);
  return { basePath, store: new LocalBackend({ basePath, secret }) };
}

const text = async (store: LocalBackend, key: string): Promise<string> =>
  Buffer.from(await store.get(key)).toString();

const leftOver = (basePath: string): readonly string[] =>
  ["lock", "tmp"].flatMap((name) => readdirSync(join(basePath, ".storage", name)));

/** The same work in several processes. */
async function inProcesses(
  processes: number,
  parameters: Omit<ConditionalWrites, "name">,
): Promise<ConditionalTally> {
  const tallies = await Promise.all(
    Array.from({ length: processes }, (_, index) =>
      runChild<ConditionalTally>("conditional-writes", { ...parameters, name: `p${index}w` }),
    ),
  );
  return {
    won: tallies.reduce((sum, { won }) => sum + won, 0),
    refused: tallies.reduce((sum, { refused }) => sum + refused, 0),
    failures: tallies.flatMap(({ failures }) => failures),
  };
}

describe("in several processes", () => {
  test("of 64 create-only writers one wins, and 63 are told that they did not", async () => {
    const { basePath, store } = await opened();
    const tally = await inProcesses(2, { basePath, work: "create", count: 32 });
    expect(tally).toEqual({ won: 1, refused: 63, failures: [] });
    expect((await store.getMetadata("new")).metadata.by).toBe(await text(store, "new"));
    expect(leftOver(basePath)).toEqual([]);
  });

  test("5 times 10 compare-and-swap increments count to 50", async () => {
    const { basePath, store } = await opened();
    await store.put("counter", "0");
    const tally = await inProcesses(5, { basePath, work: "increment", count: 10 });
    expect(tally).toMatchObject({ won: 50, failures: [] });
    expect(await text(store, "counter")).toBe("50");
    expect(leftOver(basePath)).toEqual([]);
  });

  test("of many conditional deletes one finds the object", async () => {
    const { basePath, store } = await opened();
    await store.put("old", "1", { metadata: { a: "b" } });
    const tally = await inProcesses(1, { basePath, work: "delete", count: 20 });
    expect(tally).toEqual({ won: 1, refused: 0, failures: [] });
    expect(readdirSync(basePath)).toEqual([".storage"]);
    expect(leftOver(basePath)).toEqual([]);
  });
});

test("in one process too: creators, increments, and a delete of what is no longer there", async () => {
  const { store } = await opened();
  const creators = Array.from({ length: 64 }, (_, index) =>
    store.put("new", `${index}`, { ifNoneMatch: "*" }),
  );
  const results = await Promise.allSettled(creators);
  expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  const { etag } = await store.put("new", "next");
  await store.put("new", "last");
  await rejection(store.delete("new", { ifMatch: etag }), "PreconditionFailed");
  await rejection(store.put("new", "x", { ifMatch: etag }), "PreconditionFailed");
  expect(await text(store, "new")).toBe("last");
  expect(await store.delete("new", { ifMatch: (await store.getMetadata("new")).etag })).toBe(true);
  expect(await store.delete("new", { ifMatch: etag })).toBe(false);
  await rejection(store.put("new", "x", { ifMatch: etag }), "PreconditionFailed");
});

test("a condition on a file that nobody wrote through us, in a folder without anything of ours", async () => {
  const { basePath, store } = await opened();
  writeFileSync(join(basePath, "a"), "1");
  const { etag } = await store.getMetadata("a");
  await rejection(store.delete("a", { ifMatch: "other" }), "PreconditionFailed");
  expect(await store.delete("a", { ifMatch: etag })).toBe(true);
});

/** A process that holds the lock of `key`, with everything checked, just before the call that commits. */
async function holder(parameters: HoldLock): Promise<{ child: ChildProcess; outcome: Promise<string> }> {
  const child = startChild("hold-lock", parameters);
  const outcome = reportOf<string>(child);
  outcome.catch(() => {});
  await once(child, "message");
  return { child, outcome };
}

describe.concurrent("a holder of a lock", () => {
  test("that is killed delays the next one by at most 10 seconds, and of two that wait only one enters at a time", async ({
    onTestFinished,
  }) => {
    const { basePath, store } = await opened(onTestFinished);
    const { etag } = await store.put("key", "0");
    const { child } = await holder({ basePath, work: "put", etag });
    child.kill("SIGKILL");
    await once(child, "exit");
    const begun = performance.now();
    const other = new LocalBackend({ basePath, secret });
    const waiting = await Promise.allSettled([
      store.put("key", "1", { ifMatch: etag }),
      other.put("key", "2", { ifMatch: etag }),
      runChild<ConditionalTally>("conditional-writes", { basePath, work: "create", count: 1, name: "x" }),
    ]);
    expect(performance.now() - begun).toBeLessThan(10_000);
    const puts = waiting.slice(0, 2);
    expect(puts.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const put of puts)
      if (put.status === "rejected") expect(StorageError.is(put.reason, "PreconditionFailed")).toBe(true);
    expect(leftOver(basePath).length).toBeLessThanOrEqual(1);
    await store.sweep({ olderThan: 0 });
    expect(leftOver(basePath)).toEqual([]);
  }, 30_000);

  test.for(["put", "create", "delete"] as const)(
    "that is stopped, taken over, and goes on later changes nothing any more: %s",
    { timeout: 30_000 },
    async (work, { onTestFinished }) => {
      const { basePath, store } = await opened(onTestFinished);
      const { etag } = work === "create" ? { etag: "" } : await store.put("key", "0");
      const { child, outcome } = await holder({ basePath, work, etag });
      child.kill("SIGSTOP");
      const condition = work === "create" ? ({ ifNoneMatch: "*" } as const) : { ifMatch: etag };
      await store.put("key", "of the next", { ...condition, metadata: { by: "next" } });
      child.kill("SIGCONT");
      child.send("go on");
      expect(["Unavailable", "PreconditionFailed"]).toContain(await outcome);
      expect(await text(store, "key")).toBe("of the next");
      expect((await store.getMetadata("key")).metadata).toEqual({ by: "next" });
      expect(leftOver(basePath)).toEqual([]);
    },
  );

  test("that lives is waited for, however long", async ({ onTestFinished }) => {
    const { basePath, store } = await opened(onTestFinished);
    const { etag } = await store.put("key", "0");
    const { child, outcome } = await holder({ basePath, work: "put", etag });
    const waiting = rejection(store.put("key", "1", { ifMatch: etag }), "PreconditionFailed");
    await delay(6500);
    child.send("go on");
    expect(await outcome).toBe("done");
    await waiting;
    expect(await text(store, "key")).toBe("of the holder");
  }, 30_000);

  test("is not waited for by plain writes, reads and deletes", async ({ onTestFinished }) => {
    const { basePath, store } = await opened(onTestFinished);
    const { etag } = await store.put("key", "0");
    const { child, outcome } = await holder({ basePath, work: "put", etag });
    const begun = performance.now();
    await store.put("key", "1");
    expect(await text(store, "key")).toBe("1");
    expect(await store.delete("key")).toBe(true);
    expect(performance.now() - begun).toBeLessThan(1000);
    child.send("go on");
    await outcome;
  });

  test("is waited for no longer than the signal says, and nothing is left of who waited", async ({
    onTestFinished,
  }) => {
    const { basePath, store } = await opened(onTestFinished);
    const { etag } = await store.put("key", "0");
    const { child, outcome } = await holder({ basePath, work: "put", etag });
    const begun = performance.now();
    const waiting = [1, 2].map((body) =>
      rejection(store.put("key", `${body}`, { ifMatch: etag, signal: AbortSignal.timeout(300) }), "Timeout"),
    );
    await Promise.all(waiting);
    expect(performance.now() - begun).toBeLessThan(1500);
    expect(readdirSync(join(basePath, ".storage/tmp"))).toHaveLength(1);
    child.send("go on");
    expect(await outcome).toBe("done");
    expect(leftOver(basePath)).toEqual([]);
  });
});
