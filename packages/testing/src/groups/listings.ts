import { all, check, equal, fails } from "../assertions.ts";
import { type ConformanceGroup, group } from "../conformance-case.ts";
import { heldPut } from "../held-put.ts";
import { keysOf, numbers, pagesOf, stored, tree } from "../listed.ts";

/** In the order of their UTF-8 bytes. */
const ordered = [
  "!",
  "A",
  "Z",
  "a",
  "a!",
  "a-",
  "a-/x",
  "a.b",
  "a/b",
  "a/b-c",
  "a/b/c",
  "a0",
  "ab",
  "b",
  "z",
  "\u00e9",
  "\u65e5",
  "\ud7ff",
  "\ue000",
  "\uff5e",
  "\u{10000}",
  "\u{1f600}",
];

export const listings: ConformanceGroup = group("Listing", {
  "an empty backend lists nothing": async ({ backend }) => {
    equal(await backend.listKeys(), [], "listKeys");
    equal(await all(backend.list()), [], "list");
    equal(await backend.listPage(), { entries: [], prefixes: [] }, "listPage");
  },
  "keys come in the order of their UTF-8 bytes": async ({ backend }) => {
    const keys = backend.capabilities.keyAndPrefix
      ? ordered
      : ordered.filter((key) => key !== "a" && key !== "a/b" && key !== "a-");
    await stored(backend, keys.toReversed());
    equal(await backend.listKeys(), keys, "listKeys");
    equal(
      (await all(backend.list())).map(({ key }) => key),
      keys,
      "list",
    );
    equal(keysOf(await pagesOf(backend, { limit: 3 })), keys, "listPage");
  },
  "a prefix is a string, not a folder": async ({ backend }) => {
    await stored(backend, ["foo/x", "foo.bar/y", "foobar", "fo", "other/foo"]);
    equal(
      await backend.listKeys({ prefix: "foo" }),
      ["foo.bar/y", "foo/x", "foobar"],
      "keys that begin with foo",
    );
    equal(await backend.listKeys({ prefix: "foo/" }), ["foo/x"], "keys that begin with foo/");
    equal(await backend.listKeys({ prefix: "foo/x" }), ["foo/x"], "keys that begin with foo/x");
  },
  "a prefix of no key lists nothing": async ({ backend }) => {
    await stored(backend, tree);
    for (const prefix of ["dir3", "dir1/a.txt/", "g", "dir1/x", "DIR1"])
      equal(await backend.listKeys({ prefix }), [], `keys that begin with ${prefix}`);
  },
  "a prefix takes every character for itself": async ({ backend }) => {
    await stored(backend, ["a*b", "a.b", "axb", "[a]/x", "a/x", "%41/x", "A/x"]);
    equal(await backend.listKeys({ prefix: "a*" }), ["a*b"], "a*");
    equal(await backend.listKeys({ prefix: "a." }), ["a.b"], "a.");
    equal(await backend.listKeys({ prefix: "[a]" }), ["[a]/x"], "[a]");
    equal(await backend.listKeys({ prefix: "%41" }), ["%41/x"], "%41");
  },
  "entries tell what getMetadata tells": async ({ backend }) => {
    await stored(backend, ["a", "b/c", "d.txt"]);
    for (const entry of await all(backend.list())) {
      const { size, etag, lastModified } = await backend.getMetadata(entry.key);
      equal(entry.size, size, "the size");
      check(entry.etag === undefined || entry.etag === etag, "the etag");
      check(entry.lastModified instanceof Date, "lastModified is a Date");
      check(Math.abs(entry.lastModified.getTime() - lastModified.getTime()) < 1000, "the same second");
    }
  },
  "a limit is honoured exactly": async ({ backend }) => {
    await stored(backend, tree);
    for (const limit of [1, 2, 5, 6, 7, 100]) {
      equal(await backend.listKeys({ limit }), tree.slice(0, limit), `listKeys with ${limit}`);
      equal(
        (await all(backend.list({ limit }))).map(({ key }) => key),
        tree.slice(0, limit),
        `list with ${limit}`,
      );
      equal((await backend.listPage({ limit })).entries.length, Math.min(limit, 6), `listPage with ${limit}`);
    }
  },
  "a limit of 0 lists nothing": async ({ backend }) => {
    await stored(backend, tree);
    equal(await backend.listKeys({ limit: 0 }), [], "listKeys");
    equal(await all(backend.list({ limit: 0 })), [], "list");
    equal((await backend.listPage({ limit: 0 })).entries, [], "listPage");
  },
  "a limit that is no whole number is refused": async ({ backend }) => {
    for (const limit of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      await fails(backend.listKeys({ limit }), "InvalidArgument");
      await fails(backend.list({ limit }), "InvalidArgument");
      await fails(backend.listPage({ limit }), "InvalidArgument");
    }
  },
  "more keys than a service lists at once are listed": async ({ backend }) => {
    const keys = numbers(1203);
    await stored(backend, keys);
    equal((await backend.listKeys()).length, 1000, "listKeys gives 1000 unless told");
    equal(await backend.listKeys({ limit: 1203 }), keys, "listKeys");
    equal(
      (await all(backend.list())).map(({ key }) => key),
      keys,
      "list",
    );
    equal((await all(backend.list({ startAfter: keys[1] ?? "" }))).length, 1201, "list, behind a key");
    equal((await backend.listPage()).entries.length, 1000, "listPage gives 1000 unless told");
    equal(keysOf(await pagesOf(backend, {})), keys, "the pages");
  },
  "a reader may leave a listing early": async ({ backend }) => {
    await stored(backend, tree);
    for await (const { key } of backend.list()) {
      equal(key, tree[0], "the first key");
      break;
    }
    equal((await backend.listKeys()).length, 6, "the keys");
  },
  "keys may be deleted while they are listed": async ({ backend }) => {
    await stored(backend, tree);
    const seen: string[] = [];
    for await (const { key } of backend.list()) {
      seen.push(key);
      await backend.delete(key);
    }
    equal(seen, tree, "the keys that were seen");
    equal(await backend.listKeys(), [], "the keys");
  },
  "nothing of a put that is under way is listed": async ({ backend }) => {
    await stored(backend, ["a", "z"]);
    const metadata = backend.capabilities.userMetadata ? { a: "b" } : {};
    const { putting, release } = await heldPut(backend, "m", { metadata });
    equal(await backend.listKeys(), ["a", "z"], "the keys");
    release();
    await putting;
    equal(await backend.listKeys(), ["a", "m", "z"], "the keys afterwards");
  },
});
