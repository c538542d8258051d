import type { StorageBackend } from "@storage/core";
import { check, equal, fails } from "../assertions.ts";
import { type Cases, has, type Run, reachesLinks, signsPuts, when } from "../conformance-case.ts";
import { numbers, stored } from "../listed.ts";
import { keyedMethods, otherMethods } from "../methods.ts";
import { delay, randomBytes, textOf, within } from "../samples.ts";

/** A signal whose time is over. */
async function timedOut(): Promise<AbortSignal> {
  const signal = AbortSignal.timeout(1);
  while (!signal.aborted) await delay(5);
  return signal;
}

const textAt = (backend: StorageBackend, key: string): Promise<string> =>
  backend.get(key).then(textOf, async (error: unknown) => {
    await fails(Promise.reject(error), "FileNotFound");
    return "";
  });

/** Each turn has keys of its own: remotely the last request may land when the call is over. */
const atOnce = (method: "copy" | "move"): Run => {
  return async ({ backend }) => {
    for (let turn = 0; turn < 10; turn++) {
      const text = `turn ${turn}`;
      await backend.put(`source/${turn}`, text);
      const controller = new AbortController();
      const { signal } = controller;
      const working = backend[method](`source/${turn}`, `target/${turn}`, { signal });
      if (turn % 2 === 0) controller.abort();
      else queueMicrotask(() => controller.abort());
      const failure = await working.then(
        () => undefined,
        (error: unknown) => fails(Promise.reject(error), "Aborted"),
      );
      const source = await textAt(backend, `source/${turn}`);
      const target = await textAt(backend, `target/${turn}`);
      check([source, target].includes(text), "the object is in one of both places");
      check(["", text].includes(source) && ["", text].includes(target), "whole");
      if (!failure) equal(target, text, "the target of what went through");
    }
  };
};

/** Aborts of what is not a put, and those that come before, between and after. */
export const lateAborts: Cases = {
  "a signal that has run out of time is a TimeoutError of every method": async ({ backend }) => {
    await backend.put("key", "before");
    const signal = await timedOut();
    for (const { name, call } of [...keyedMethods, ...otherMethods])
      if (!/^get(Upload)?Url$/.test(name)) await fails(call(backend, "key", { signal }), "Timeout");
    equal(textOf(await backend.get("key")), "before", "the object that was there");
  },
  "getUrl with a signal that was aborted before does nothing": when(
    has("signedUrls"),
    async ({ backend }) => {
      await backend.put("key", "x");
      await fails(backend.getUrl("key", { signal: AbortSignal.abort() }), "Aborted");
      await fails(backend.getUrl("key", { signal: AbortSignal.abort(), mustExist: false }), "Aborted");
    },
  ),
  "getUploadUrl with a signal that was aborted before does nothing": when(signsPuts, async ({ backend }) => {
    await fails(backend.getUploadUrl("key", { signal: AbortSignal.abort() }), "Aborted");
  }),
  "a copy that is aborted at once is whole or not at all": atOnce("copy"),
  "a move that is aborted at once loses nothing": atOnce("move"),
  "an abort between two pages ends a listing with the error": async ({ backend }) => {
    await stored(backend, numbers(1001));
    const controller = new AbortController();
    let seen = 0;
    const listing = (async () => {
      for await (const _ of backend.list({ signal: controller.signal })) {
        seen++;
        controller.abort();
      }
    })();
    await fails(listing, "Aborted");
    check(seen < 1001, "the listing does not go on");
  },
  "an abort of deleteMany does not wait for its keys, and frees their source": async ({ backend }) => {
    const controller = new AbortController();
    const freed = Promise.withResolvers<void>();
    const keys: AsyncIterable<string> = {
      [Symbol.asyncIterator]: () => ({
        next: () => {
          setTimeout(() => controller.abort(), 20);
          return new Promise<never>(() => {});
        },
        return: async () => {
          freed.resolve();
          return { done: true as const, value: undefined };
        },
      }),
    };
    await fails(backend.deleteMany(keys, { signal: controller.signal }), "Aborted");
    check(await within(freed.promise, 5000), "the source is told that nobody wants more");
  },
  "an abort after the end changes nothing": async ({ backend }) => {
    const controller = new AbortController();
    const { signal } = controller;
    const body = randomBytes(300_000, 93);
    await backend.put("key", body, { signal });
    const object = await backend.open("key", { signal });
    equal(await object.bytes(), body, "the body");
    await backend.copy("key", "copy", { signal });
    controller.abort();
    await delay(50);
    equal([await backend.get("key"), await backend.get("copy")], [body, body], "the bodies");
  },
  "a link that was signed outlives its signal": when(
    has("signedUrls"),
    when(reachesLinks, async ({ backend, fetch }) => {
      const controller = new AbortController();
      await backend.put("key", "x");
      const url = await backend.getUrl("key", { signal: controller.signal });
      controller.abort();
      equal(await (await fetch(new Request(url))).text(), "x", "the body");
    }),
  ),
};
