import type { StorageBackend } from "@storage/core";
import { check, equal, fails } from "../assertions.ts";
import { type ConformanceGroup, group, type Run } from "../conformance-case.ts";
import { handled, heldPut } from "../held-put.ts";
import { keyedMethods, otherMethods } from "../methods.ts";
import { bytesOf, delay, randomBytes, textOf, within } from "../samples.ts";
import { lateAborts } from "./late-aborts.ts";

/** Long enough for what an aborted call left running to show itself. */
const later = 100;

async function isAbsent(backend: StorageBackend): Promise<void> {
  for (const wait of [0, later]) {
    await delay(wait);
    equal(await backend.exists("key"), false, "exists");
    equal(await backend.listKeys(), [], "the keys");
  }
}

async function isBefore(backend: StorageBackend): Promise<void> {
  for (const wait of [0, later]) {
    await delay(wait);
    equal(textOf(await backend.get("key")), "before", "the object that was there");
  }
}

/** A source that never ends and never answers again, and tells when it was let go. */
function silentSource(): {
  readonly data: AsyncIterable<Uint8Array>;
  readonly taken: Promise<void>;
  readonly freed: Promise<void>;
} {
  const taken = Promise.withResolvers<void>();
  const freed = Promise.withResolvers<void>();
  let isFirst = true;
  const data = {
    [Symbol.asyncIterator]: () => ({
      next: (): Promise<IteratorResult<Uint8Array>> => {
        if (isFirst) {
          isFirst = false;
          return Promise.resolve({ done: false, value: randomBytes(100_000) });
        }
        taken.resolve();
        return new Promise(() => {});
      },
      return: async (): Promise<IteratorResult<Uint8Array>> => {
        freed.resolve();
        return { done: true, value: undefined };
      },
    }),
  };
  return { data, taken: taken.promise, freed: freed.promise };
}

const beforehand = Object.fromEntries(
  [...keyedMethods, ...otherMethods]
    .filter(({ name }) => !/^get(Upload)?Url$/.test(name))
    .map(({ name, call }): [string, Run] => [
      `${name} with a signal that was aborted before does nothing`,
      async ({ backend }) => {
        await backend.put("key", "before");
        const reason = new Error("no longer wanted");
        const error = await fails(call(backend, "key", { signal: AbortSignal.abort(reason) }), "Aborted");
        equal(
          [error.name, error.cause === reason, error.outcome],
          ["AbortError", true, "not-applied"],
          "the error",
        );
        equal(textOf(await backend.get("key")), "before", "the object that was there");
        equal(await backend.listKeys(), ["key"], "the keys");
      },
    ]),
);

export const aborts: ConformanceGroup = group("Aborts and failing sources", {
  ...beforehand,
  ...lateAborts,
  "an aborted put of a stream stores nothing, then or later": async ({ backend }) => {
    const controller = new AbortController();
    const { putting, release } = await heldPut(backend, "key", { signal: controller.signal });
    controller.abort();
    await fails(putting, "Aborted");
    release();
    await isAbsent(backend);
  },
  "an aborted overwrite leaves the old object": async ({ backend }) => {
    await backend.put("key", "before");
    const controller = new AbortController();
    const { putting, release } = await heldPut(backend, "key", { signal: controller.signal });
    controller.abort();
    await fails(putting, "Aborted");
    release();
    await isBefore(backend);
  },
  "an abort does not wait for a source that never answers, and frees it": async ({ backend }) => {
    const controller = new AbortController();
    const source = silentSource();
    const putting = handled(backend.put("key", source.data, { signal: controller.signal }));
    await Promise.race([source.taken, putting]);
    controller.abort();
    await fails(putting, "Aborted");
    check(await within(source.freed, 5000), "the source is told that nobody wants more");
    await isAbsent(backend);
  },
  "a put that is aborted at once is whole or not at all": async ({ backend }) => {
    await backend.put("key", "before");
    for (let turn = 0; turn < 10; turn++) {
      const controller = new AbortController();
      const putting = backend.put("key", `after ${turn}`, { signal: controller.signal });
      controller.abort();
      const failure = await putting.then(
        () => undefined,
        (error: unknown) => fails(Promise.reject(error), "Aborted"),
      );
      const text = textOf(await backend.get("key"));
      const isApplied = text === `after ${turn}`;
      check(isApplied || text === "before" || text.startsWith("after"), "old or new, whole");
      check(
        !(failure?.outcome === "not-applied" && isApplied),
        "what is reported as not applied is not applied",
      );
    }
  },
  "a signal that runs out of time is a TimeoutError": async ({ backend }) => {
    const source = silentSource();
    await fails(backend.put("key", source.data, { signal: AbortSignal.timeout(50) }), "Timeout");
    await isAbsent(backend);
  },
  "an aborted read never ends as if it were whole": async ({ backend }) => {
    const { size } = await backend.put("key", randomBytes(6_000_000));
    const controller = new AbortController();
    const { body } = await backend.open("key", { signal: controller.signal });
    const reader = body.getReader();
    let read = (await reader.read()).value?.length ?? 0;
    controller.abort();
    // What came in one piece has been read.
    if (read === size) return;
    const rest = (async () => {
      for (let step = await reader.read(); !step.done; step = await reader.read()) read += step.value.length;
      check(read === size, "a body that ends early ends with an error");
    })();
    await rest.catch((error: unknown) => fails(Promise.reject(error), "Aborted"));
  },
  "an aborted listing ends with the error": async ({ backend }) => {
    for (const key of ["a", "b", "c"]) await backend.put(key, "x");
    const controller = new AbortController();
    controller.abort();
    await fails(backend.list({ signal: controller.signal }), "Aborted");
  },
  "a signal keeps no listener of a call that is over": async ({ backend }) => {
    const { signal } = new AbortController();
    const added = new Set<unknown>();
    const { addEventListener, removeEventListener } = signal;
    signal.addEventListener = (...args: Parameters<typeof addEventListener>): void => {
      added.add(args[1]);
      addEventListener.apply(signal, args);
    };
    signal.removeEventListener = (...args: Parameters<typeof removeEventListener>): void => {
      added.delete(args[1]);
      removeEventListener.apply(signal, args);
    };
    await backend.put("key", "x", { signal });
    await backend.get("key", { signal });
    await backend.listKeys({ signal });
    await backend.delete("key", { signal });
    await backend.get("key", { signal }).catch(() => {});
    equal(added.size, 0, "the listeners that are left");
  },
  "a source that throws fails the put with its error, and stores nothing": async ({ backend }) => {
    const reason = new Error("from the source");
    const data = (async function* () {
      for (let part = 0; part < 3; part++) yield randomBytes(1_000_000);
      throw reason;
    })();
    const error = await fails(backend.put("key", data), "SourceFailed");
    equal(error.cause === reason, true, "the cause is the source's error");
    await isAbsent(backend);
  },
  "a source that throws at once stores nothing": async ({ backend }) => {
    const next = (): Promise<never> => Promise.reject(new Error("from the source"));
    const data = { [Symbol.asyncIterator]: () => ({ next }) };
    await fails(backend.put("key", data), "SourceFailed");
    await isAbsent(backend);
  },
  "a source that throws leaves the old object": async ({ backend }) => {
    await backend.put("key", "before");
    const data = (async function* () {
      yield bytesOf("not to be seen");
      throw new Error("from the source");
    })();
    await fails(backend.put("key", data), "SourceFailed");
    await isBefore(backend);
  },
  "a web stream that fails stores nothing": async ({ backend }) => {
    const data = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.enqueue(new Uint8Array(1000));
        controller.error(new Error("from the source"));
      },
    });
    await fails(backend.put("key", data), "SourceFailed");
    await isAbsent(backend);
  },
  "a source is asked once, also when it fails": async ({ backend }) => {
    let starts = 0;
    const data = {
      async *[Symbol.asyncIterator]() {
        starts++;
        yield bytesOf("x");
        throw new Error("from the source");
      },
    };
    await fails(backend.put("key", data), "SourceFailed");
    equal(starts, 1, "how often the source was started");
  },
  "a source that fails with an error of ours keeps its code": async ({ backend }) => {
    const data = (async function* () {
      yield bytesOf("x");
      await backend.get("missing");
    })();
    await fails(backend.put("key", data), "FileNotFound");
    equal(await backend.exists("key"), false, "exists");
  },
  "an object of the same backend can be its own source": async ({ backend }) => {
    const body = randomBytes(3_000_000, 51);
    await backend.put("source", body);
    await backend.put("target", (await backend.open("source")).body);
    equal((await backend.get("target")).length, body.length, "the length");
    await backend.put("source", (await backend.open("source")).body);
    equal((await backend.get("source")).length, body.length, "the length after an overwrite by itself");
  },
});
