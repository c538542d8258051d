import { all, equal, fails } from "../assertions.ts";
import { type ConformanceGroup, group, has, knowsForbiddenKey, when } from "../conformance-case.ts";
import { textOf } from "../samples.ts";

const many = (count: number): string[] => Array.from({ length: count }, (_, index) => `many/${index}`);

async function* slowly(keys: readonly string[]): AsyncGenerator<string> {
  for (const key of keys) yield key;
}

export const deletes: ConformanceGroup = group("Delete and exists", {
  "what is deleted is gone from every call": async ({ backend }) => {
    await backend.put("folder/key", "x");
    equal(await backend.delete("folder/key"), true, "delete");
    equal(await backend.exists("folder/key"), false, "exists");
    equal(await backend.listKeys(), [], "the keys");
    await fails(backend.get("folder/key"), "FileNotFound");
    await fails(backend.getMetadata("folder/key"), "FileNotFound");
  },
  "delete of a missing object is false, and no error": async ({ backend }) => {
    equal(await backend.delete("never"), false, "delete");
    equal(await backend.delete("never/there"), false, "delete in a folder that is not there");
  },
  "delete a second time is false": async ({ backend }) => {
    await backend.put("key", "x");
    equal([await backend.delete("key"), await backend.delete("key")], [true, false], "delete, twice");
  },
  "delete of a prefix deletes nothing": async ({ backend }) => {
    await backend.put("a/b", "x");
    equal(await backend.delete("a"), false, "delete");
    equal(await backend.listKeys(), ["a/b"], "the keys");
  },
  "delete below an object deletes nothing": async ({ backend }) => {
    await backend.put("a", "x");
    equal(await backend.delete("a/b"), false, "delete");
    equal(await backend.listKeys(), ["a"], "the keys");
  },
  "delete spares keys that begin alike": async ({ backend }) => {
    for (const key of ["base", "base_sibling", "base.txt", "other/base", "bas"]) await backend.put(key, key);
    await backend.delete("base");
    equal(await backend.listKeys(), ["bas", "base.txt", "base_sibling", "other/base"], "the keys");
  },
  "an object may be put again after it was deleted": async ({ backend }) => {
    await backend.put("key", "first", { metadata: backend.capabilities.userMetadata ? { a: "1" } : {} });
    await backend.delete("key");
    await backend.put("key", "second");
    equal(textOf(await backend.get("key")), "second", "the body");
    equal((await backend.getMetadata("key")).metadata, {}, "the metadata");
  },
  "a prefix without objects is listed no more": async ({ backend }) => {
    await backend.put("a/b/c", "x");
    await backend.put("d", "x");
    await backend.delete("a/b/c");
    if (backend.capabilities.delimiter)
      equal((await backend.listPage({ delimiter: "/" })).prefixes, [], "the prefixes");
    await backend.put("a", "an object where a folder was");
    equal(await backend.listKeys(), ["a", "d"], "the keys");
  },
  "puts and deletes in one folder never fail over each other": async ({ backend }) => {
    const turns = Array.from({ length: 30 }, (_, index) => index);
    await Promise.all(
      turns.map(async (turn) => {
        await backend.put(`folder/deep/${turn % 3}`, `${turn}`);
        await backend.delete(`folder/deep/${turn % 3}`);
      }),
    );
    await backend.put("folder/deep/last", "x");
    equal(await backend.exists("folder/deep/last"), true, "exists");
  },
  "exists is true of an object, and false of its neighbours": async ({ backend }) => {
    await backend.put("folder/key", "x");
    equal(await backend.exists("folder/key"), true, "exists");
    for (const key of ["folder/ke", "folder/key2", "folder/key/x", "key", "Folder"])
      equal(await backend.exists(key), false, `exists of ${key}`);
  },
  "exists throws where it may not look": when(knowsForbiddenKey, async ({ backend, forbiddenKey }) => {
    await fails(backend.exists(forbiddenKey), "PermissionDenied");
  }),
  "get and getMetadata of what we may not look at are PermissionDenied": when(
    knowsForbiddenKey,
    async ({ backend, forbiddenKey }) => {
      await fails(backend.get(forbiddenKey), "PermissionDenied");
      await fails(backend.getMetadata(forbiddenKey), "PermissionDenied");
    },
  ),
  "deleteMany deletes what it is given, and nothing else": async ({ backend }) => {
    for (const key of ["a", "b", "c/d", "c/e"]) await backend.put(key, key);
    const { deleted, failed } = await backend.deleteMany(["a", "c/d"]);
    equal([[...deleted].sort(), failed], [["a", "c/d"], []], "the result");
    equal(await backend.listKeys(), ["b", "c/e"], "the keys");
  },
  "deleteMany counts what was not there as deleted": async ({ backend }) => {
    await backend.put("there", "x");
    const { deleted, failed } = await backend.deleteMany(["missing", "there", "no/folder"]);
    equal([[...deleted].sort(), failed], [["missing", "no/folder", "there"], []], "the result");
  },
  "deleteMany of nothing does nothing": async ({ backend }) => {
    await backend.put("kept", "x");
    equal(await backend.deleteMany([]), { deleted: [], failed: [] }, "the result");
    equal(await backend.listKeys(), ["kept"], "the keys");
  },
  "deleteMany takes more keys than one request holds": async ({ backend }) => {
    const keys = many(1001);
    await backend.put("many/1000", "x");
    await backend.put("many/0", "x");
    await backend.put("kept", "x");
    const { deleted, failed } = await backend.deleteMany(keys);
    equal([new Set(deleted).size, failed], [1001, []], "the result");
    equal(await backend.listKeys(), ["kept"], "the keys");
  },
  "deleteMany takes keys that come one by one": async ({ backend }) => {
    for (const key of many(5)) await backend.put(key, "x");
    equal((await backend.deleteMany(slowly(many(3)))).deleted.length, 3, "deleted");
    equal((await backend.deleteMany(new Set(many(5)))).deleted.length, 5, "deleted of a Set");
    equal(await backend.listKeys(), [], "the keys");
  },
  "deleteMany tells in the order of its keys": async ({ backend }) => {
    for (const key of ["b", "a", "c"]) await backend.put(key, "x");
    const { deleted, failed } = await backend.deleteMany(["c", "a//", "missing", "a", "/b", "b"]);
    equal(deleted, ["c", "missing", "a", "b"], "deleted");
    equal(
      failed.map(({ key }) => key),
      ["a//", "/b"],
      "failed",
    );
  },
  "deleteMany may be told a key twice": async ({ backend }) => {
    await backend.put("key", "x");
    const { deleted, failed } = await backend.deleteMany(["key", "key"]);
    equal([[...new Set(deleted)], failed], [["key"], []], "the result");
  },
  "deleteMany deletes what a listing of the same backend gives": async ({ backend }) => {
    for (const key of many(20)) await backend.put(key, "x");
    const keys = (async function* () {
      for await (const { key } of backend.list({ prefix: "many/" })) yield key;
    })();
    equal((await backend.deleteMany(keys)).deleted.length, 20, "deleted");
    equal(await all(backend.list()), [], "the entries");
  },
  "deleteMany fails with its source": async ({ backend }) => {
    const source = (async function* () {
      yield "a";
      throw new Error("from the source");
    })();
    await fails(backend.deleteMany(source), "SourceFailed");
  },
  "a conditional delete with the object's etag deletes it": when(
    has("conditionalDelete"),
    async ({ backend }) => {
      const { etag } = await backend.put("key", "x");
      equal(await backend.delete("key", { ifMatch: etag }), true, "delete");
      equal(await backend.exists("key"), false, "exists");
    },
  ),
  "a conditional delete with a stale etag deletes nothing": when(
    has("conditionalDelete"),
    async ({ backend }) => {
      const { etag } = await backend.put("key", "first");
      await backend.put("key", "second");
      await fails(backend.delete("key", { ifMatch: etag }), "PreconditionFailed");
      equal(textOf(await backend.get("key")), "second", "the body");
    },
  ),
  "a conditional delete of a missing object is false": when(has("conditionalDelete"), async ({ backend }) => {
    equal(await backend.delete("missing", { ifMatch: "any" }), false, "delete");
    equal(await backend.delete("missing/too", { ifMatch: "any" }), false, "delete");
  }),
  "a conditional delete takes an etag in quotes": when(has("conditionalDelete"), async ({ backend }) => {
    const { etag } = await backend.put("key", "x");
    equal(await backend.delete("key", { ifMatch: `"${etag}"` }), true, "delete");
  }),
});
