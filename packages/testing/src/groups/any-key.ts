import { all, equal, fails } from "../assertions.ts";
import type { Cases } from "../conformance-case.ts";
import { oddKeys, reservedKeys } from "../key-samples.ts";
import { keysOf, pagesOf } from "../listed.ts";
import { keyedMethods } from "../methods.ts";
import { textOf } from "../samples.ts";

/** Some of each kind. */
const some = Object.values(oddKeys).flatMap((keys) => keys.slice(0, 6));

const places = ["/a", "a//", "../", "a/../", "a\\", "\u0000", ".storage/", "\ud800"];

/** What holds for keys in the methods that are not tried with every one of them. */
export const anyKeys: Cases = {
  "open reads just the object of its key": async ({ backend }) => {
    await Promise.all(some.map((key) => backend.put(key, key)));
    await Promise.all(
      some.map(async (key) => {
        const object = await backend.open(key);
        equal([object.key, textOf(await object.bytes())], [key, key], "key and body");
      }),
    );
  },
  "objects with keys of any characters are moved exactly": async ({ backend }) => {
    await Promise.all(some.map((key) => backend.put(key, key)));
    await Promise.all(
      some.map(async (key) => {
        equal((await backend.move(key, `moved/${key}`)).key, `moved/${key}`, "the key of a move's result");
        equal(textOf(await backend.get(`moved/${key}`)), key, `what was moved from ${key}`);
      }),
    );
    equal((await backend.listKeys()).length, some.length, "the number of keys");
  },
  "deleteMany takes keys of any characters": async ({ backend }) => {
    await Promise.all([...some, "kept"].map((key) => backend.put(key, key)));
    const { deleted, failed } = await backend.deleteMany(some);
    equal([deleted, failed], [some, []], "the result");
    equal(await backend.listKeys(), ["kept"], "the keys");
  },
  "a page may end at a key of any characters": async ({ backend }) => {
    await Promise.all(some.map((key) => backend.put(key, "x")));
    const keys = await backend.listKeys();
    equal(keysOf(await pagesOf(backend, { limit: 1 })), keys, "pages of one");
    const following = await Promise.all(
      keys.map((startAfter) => all(backend.list({ startAfter, limit: 1 }))),
    );
    equal(
      following.map(([entry]) => entry?.key),
      [...keys.slice(1), undefined],
      "what comes after each",
    );
  },
  "no method takes a key in our own folder": async ({ backend }) => {
    for (const { call } of keyedMethods)
      for (const key of reservedKeys) await fails(call(backend, key, {}), "InvalidKey");
  },
  "no method takes a key that is too long": async ({ backend }) => {
    const tooLong = [
      "n".repeat(256),
      `${"n".repeat(200)}/`.repeat(6).slice(0, 1025),
      `${"\u00e9".repeat(120)}/`.repeat(5).slice(0, -1),
      "\u00e9".repeat(128),
    ];
    for (const { call } of keyedMethods)
      for (const key of tooLong) await fails(call(backend, key, {}), "InvalidKey");
  },
  "no method takes a key that is no string": async ({ backend }) => {
    for (const { call } of keyedMethods)
      for (const key of [undefined, null, 5, ["a"]])
        await fails(call(backend, key as unknown as string, {}), "InvalidKey");
  },
  "no listing takes a prefix or startAfter that could begin no key": async ({ backend }) => {
    for (const place of places) {
      await fails(backend.listKeys({ prefix: place }), "InvalidKey");
      for (const options of [{ prefix: place }, { startAfter: place }]) {
        await fails(backend.list(options), "InvalidKey");
        await fails(backend.listPage(options), "InvalidKey");
      }
    }
  },
};
