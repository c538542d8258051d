import type { StorageBackend } from "@storage/core";
import { check, equal, fails } from "../assertions.ts";
import {
  type Cases,
  type ConformanceGroup,
  group,
  has,
  holds,
  lacks,
  type Run,
  when,
} from "../conformance-case.ts";
import { oddKeys, refusedKeys, reservedKeys } from "../key-samples.ts";
import { keyedMethods } from "../methods.ts";
import { bytesOf, randomBytes, textOf } from "../samples.ts";
import { anyKeys } from "./any-key.ts";

/** Each of these holds its own name; nothing else is there. */
async function stored(backend: StorageBackend, keys: readonly string[]): Promise<void> {
  for (const key of keys) {
    const result = await backend.put(key, bytesOf(key));
    equal(result.key, key, "the key of a put's result");
  }
}

function roundTrip(keys: readonly string[]): Run {
  return async ({ backend }) => {
    await stored(backend, keys);
    for (const key of keys) {
      equal(textOf(await backend.get(key)), key, `what is under ${key}`);
      equal((await backend.getMetadata(key)).key, key, "the key of getMetadata");
      check(await backend.exists(key), `${key} exists`);
      equal(
        (await backend.listKeys({ prefix: key })).includes(key),
        true,
        `${key} is among keys that begin with it`,
      );
    }
    equal(new Set(await backend.listKeys()), new Set(keys), "the keys that are listed");
    equal((await backend.listKeys()).length, keys.length, "the number of keys");
  };
}

function copied(keys: readonly string[]): Run {
  return async ({ backend }) => {
    await stored(backend, keys);
    for (const key of keys) {
      const { key: target } = await backend.copy(key, `copies/${key}`);
      equal(target, `copies/${key}`, "the key of a copy's result");
      equal(textOf(await backend.get(`copies/${key}`)), key, `the copy of ${key}`);
    }
  };
}

function deletedOneByOne(keys: readonly string[]): Run {
  return async ({ backend }) => {
    await stored(backend, keys);
    const left = new Set(keys);
    for (const key of keys) {
      equal(await backend.delete(key), true, `delete of ${key}`);
      left.delete(key);
      equal([...(await backend.listKeys())].sort(), [...left].sort(), `what is left after ${key}`);
    }
  };
}

function cases(
  sentence: (what: string) => string,
  run: (keys: readonly string[]) => Run,
): Record<string, Run> {
  return Object.fromEntries(Object.entries(oddKeys).map(([what, keys]) => [sentence(what), run(keys)]));
}

const refusals = Object.fromEntries(
  keyedMethods.map(({ name, call }): [string, Run] => [
    `${name} refuses what is no key`,
    async ({ backend }) => {
      for (const key of refusedKeys) {
        const error = await fails(call(backend, key, {}), "InvalidKey");
        check(error.reason.length > 0, "a refused key has a reason");
      }
      equal(await backend.listKeys(), [], "the keys");
    },
  ]),
);

const alphabet = Array.from(
  " !#$%&'()*+,-.0123456789:;<=>?@AZ[]^_`az{|}~\u00e9\u00ff\u03c0\u65e5\ufb01\uff0e\u{1f600}",
);

/** Of one to three names of up to twelve characters, the same for a seed every time. */
function anyKey(seed: number): string {
  const bytes = randomBytes(40, seed * 7919);
  const lengths = Array.from(bytes.slice(36, 37 + (seed % 3)), (byte) => 1 + (byte % 12));
  const names = lengths.map((length, at) =>
    Array.from(bytes.slice(at * 12, at * 12 + length), (byte) => alphabet[byte % alphabet.length]).join(""),
  );
  return names.map((name) => (/^\.\.?$/.test(name) ? `${name}x` : name)).join("/");
}

const longName = (bytes: number): string => "n".repeat(bytes);

/** Of this many bytes, in names of at most 255. */
function longKey(bytes: number): string {
  const names = Array.from({ length: Math.ceil(bytes / 200) }, () => longName(199));
  return names
    .join("/")
    .slice(0, bytes - 1)
    .replace(/\/$/, "n")
    .padEnd(bytes, "k");
}

const limits: Cases = {
  "a key has up to 1024 bytes": when(holds("keyBytes", 1024), async ({ backend }) => {
    const key = longKey(1024);
    await backend.put(key, "x");
    equal(await backend.listKeys(), [key], "the keys");
  }),
  "a key of 1025 bytes is refused": async ({ backend }) => {
    await fails(backend.put(longKey(1025), "x"), "InvalidKey");
  },
  "a segment has up to 255 bytes": when(holds("segmentBytes", 255), async ({ backend }) => {
    await backend.put(`a/${longName(255)}/b`, "x");
    equal(textOf(await backend.get(`a/${longName(255)}/b`)), "x", "the body");
  }),
  "a segment of 256 bytes is refused": async ({ backend }) => {
    await fails(backend.put(`a/${longName(256)}`, "x"), "InvalidKey");
  },
  "lengths count bytes of UTF-8, not characters": when(holds("segmentBytes", 255), async ({ backend }) => {
    await backend.put("\u{1f600}".repeat(63), "x");
    await fails(backend.put("\u{1f600}".repeat(64), "x"), "InvalidKey");
    await fails(backend.put("\u00e9".repeat(128), "x"), "InvalidKey");
  }),
  "a key within the backend's own limits is stored, and one past them refused": async ({ backend }) => {
    const { segmentBytes, keyBytes } = backend.limits;
    const most = Math.min(segmentBytes, keyBytes);
    await backend.put(longName(most), "x");
    await fails(backend.put(longName(most + 1), "x"), "InvalidKey");
  },
};

export const keys: ConformanceGroup = group("Keys", {
  ...cases((what) => `keys with ${what} come back byte for byte`, roundTrip),
  ...cases((what) => `objects whose keys have ${what} are copied exactly`, copied),
  ...cases((what) => `deleting one of the keys with ${what} leaves the others`, deletedOneByOne),
  ...refusals,
  ...limits,
  ...anyKeys,
  "every spelling of our own folder is refused": async ({ backend }) => {
    for (const key of reservedKeys) await fails(backend.put(key, "x"), "InvalidKey");
  },
  "deleteMany puts a bad key among the failures, and deletes the others": async ({ backend }) => {
    await backend.put("good", "x");
    const { deleted, failed } = await backend.deleteMany(["a//b", "good", "../x"]);
    equal(deleted, ["good"], "deleted");
    equal(
      failed.map(({ key, error }) => [key, error.code]),
      [
        ["a//b", "InvalidKey"],
        ["../x", "InvalidKey"],
      ],
      "failed",
    );
  },
  "a prefix and a startAfter that could begin no key are refused": async ({ backend }) => {
    for (const place of ["/a", "a//", "../", "a/../", "a\\", "\u0000", ".storage/"]) {
      await fails(backend.listKeys({ prefix: place }), "InvalidKey");
      await fails(backend.listPage({ startAfter: place }), "InvalidKey");
      await fails(backend.list({ prefix: place }), "InvalidKey");
    }
  },
  "a prefix may be empty, end in a slash, or end inside a segment": async ({ backend }) => {
    await backend.put("..a/b", "x");
    for (const prefix of ["", "..", "..a", "..a/", "..a/b"])
      equal(await backend.listKeys({ prefix }), ["..a/b"], `keys with the prefix "${prefix}"`);
  },
  "keys of any characters come back as they are": async ({ backend }) => {
    const keys = [...new Set(Array.from({ length: 60 }, (_, turn) => anyKey(turn + 1)))];
    const taken: string[] = [];
    for (const key of keys) {
      await backend.put(key, key).then(
        () => taken.push(key),
        (error: unknown) => fails(Promise.reject(error), "KeyConflict"),
      );
    }
    for (const key of taken) equal(textOf(await backend.get(key)), key, "the body");
    equal([...(await backend.listKeys())].sort(), taken.sort(), "the keys that are listed");
    for (const key of taken) equal(await backend.delete(key), true, "delete");
    equal(await backend.listKeys(), [], "the keys that are left");
  },
  "a key that is no string is refused": async ({ backend }) => {
    for (const key of [undefined, null, 5, {}, ["a"]])
      await fails(backend.put(key as unknown as string, "x"), "InvalidKey");
  },
  "keys that look alike are different objects": async ({ backend }) => {
    const alike = ["foo+1/bar", "foo 1/bar", "foo%201/bar", "any%25.txt", "any%.txt", "a b", "a\u00a0b"];
    await stored(backend, alike);
    for (const key of alike) equal(textOf(await backend.get(key)), key, "the body");
  },
  "two keys that a disk takes for one are never one object": async ({ backend }) => {
    for (const [first, second] of [
      ["Case/A.txt", "case/a.txt"],
      ["caf\u00e9", "cafe\u0301"],
    ] as const) {
      await backend.put(first, "first");
      await backend
        .put(second, "second")
        .catch((error: unknown) => fails(Promise.reject(error), "KeyConflict"));
      equal(textOf(await backend.get(first)), "first", "the first object");
    }
  },
  "an object may be a prefix of another one": when(has("keyAndPrefix"), async ({ backend }) => {
    await stored(backend, ["a", "a/b", "a/b/c"]);
    for (const key of ["a", "a/b", "a/b/c"]) equal(textOf(await backend.get(key)), key, "the body");
  }),
  "below an object there is none, and it stays": when(lacks("keyAndPrefix"), async ({ backend }) => {
    await backend.put("a", "kept");
    await fails(backend.put("a/b", "x"), "KeyConflict");
    await fails(backend.copy("a", "a/b/c"), "KeyConflict");
    equal(textOf(await backend.get("a")), "kept", "the first object");
    equal(await backend.listKeys(), ["a"], "the keys");
  }),
  "above objects there is none, and they stay": when(lacks("keyAndPrefix"), async ({ backend }) => {
    await backend.put("a/b/c", "kept");
    await fails(backend.put("a/b", "x"), "KeyConflict");
    await fails(backend.put("a", "x"), "KeyConflict");
    equal(textOf(await backend.get("a/b/c")), "kept", "the first object");
    equal(await backend.listKeys(), ["a/b/c"], "the keys");
  }),
});
