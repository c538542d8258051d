import { getEventListeners } from "node:events";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { StorageError } from "@storage/core";
import { LocalBackend } from "@storage/local";

export interface DropAndAbort {
  readonly basePath: string;
  readonly count: number;
}

export interface Held {
  readonly descriptors: number;
  readonly listeners: number;
  readonly temporaries: number;
}

export interface DropAndAbortReport {
  readonly before: Held;
  readonly whileOpen: Held;
  readonly dropped: Held;
  readonly aborted: Held;
  readonly rejected: number;
  /** Keys of puts that were rejected, and are there all the same. */
  readonly appeared: readonly string[];
  readonly strangeFailures: readonly string[];
}

const { basePath, count } = JSON.parse(process.argv[2] ?? "") as DropAndAbort;
const store = new LocalBackend({ basePath, secret: "a secret of this test" });
const { signal } = new AbortController();
const controllers: AbortController[] = [];
const size = 3 * 1024 * 1024;

async function held(): Promise<Held> {
  const signals = [signal, ...controllers.map((controller) => controller.signal)];
  return {
    descriptors: (await readdir("/proc/self/fd")).length,
    listeners: signals.reduce((sum, each) => sum + getEventListeners(each, "abort").length, 0),
    temporaries: (await readdir(join(basePath, ".storage/tmp"))).length,
  };
}

/** A few of them unread, the others after a piece. */
async function openAndDrop(): Promise<void> {
  for (let index = 0; index < count / 2; index++) {
    const { body } = await store.open("big", { signal });
    if (index % 3 > 0) await body.getReader().read();
  }
}

async function openAndCancel(): Promise<void> {
  const objects = await Promise.all(Array.from({ length: count / 2 }, () => store.open("big", { signal })));
  whileOpen = await held();
  for (const [index, object] of objects.entries()) {
    if (index % 4 === 0) await object[Symbol.asyncDispose]();
    else {
      const reader = object.body.getReader();
      if (index % 4 > 1) await reader.read();
      await reader.cancel();
    }
  }
}

async function collected(): Promise<void> {
  for (let round = 0; round < 20; round++) {
    globalThis.gc?.();
    await delay(20);
  }
}

/** Half of the body, then an abort; what comes after it is never asked for. */
async function* halfWay(controller: AbortController): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(size / 2);
  controller.abort();
  yield new Uint8Array(size / 2);
}

function body(index: number, controller: AbortController): Uint8Array | AsyncIterable<Uint8Array> {
  if (index % 2 === 0) return halfWay(controller);
  setTimeout(() => controller.abort(), Math.random() * 6);
  return new Uint8Array(size);
}

const rejected: string[] = [];
const strangeFailures: string[] = [];

async function putAndAbort(index: number): Promise<void> {
  const controller = new AbortController();
  controllers.push(controller);
  const key = `aborted/${index}/x`;
  const options = { signal: controller.signal, ...(index % 4 < 2 && { metadata: { a: "b" } }) };
  const condition = index % 8 < 4 ? {} : ({ ifNoneMatch: "*" } as const);
  try {
    await store.put(key, body(index, controller), { ...options, ...condition });
  } catch (error) {
    rejected.push(key);
    if (!StorageError.is(error, "Aborted")) strangeFailures.push(`${error}`);
  }
}

let whileOpen: Held | undefined;
await store.put("big", new Uint8Array(size), { metadata: { a: "b" } });
await store.get("big");
await collected();
const before = await held();
await openAndCancel();
await openAndDrop();
await collected();
const dropped = await held();
for (let start = 0; start < count; start += 20)
  await Promise.all(Array.from({ length: 20 }, (_, index) => putAndAbort(start + index)));
const aborted = await held();
await delay(2000);
const later = await held();
const keys = new Set(await store.listKeys({ limit: 10_000 }));
const appeared = rejected.filter((key) => keys.has(key));
if (JSON.stringify(later) !== JSON.stringify(aborted))
  strangeFailures.push(`two seconds later: ${JSON.stringify(later)}`);
await store.close();
console.log(
  JSON.stringify({
    before,
    whileOpen,
    dropped,
    aborted,
    rejected: rejected.length,
    appeared,
    strangeFailures,
  }),
);
