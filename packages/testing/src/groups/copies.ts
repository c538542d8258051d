import { check, equal, fails } from "../assertions.ts";
import { type ConformanceGroup, group } from "../conformance-case.ts";
import { meanwhile } from "../meanwhile.ts";
import { randomBytes, sha256, textOf } from "../samples.ts";
import { transferTerms } from "./transfer-terms.ts";

export const copies: ConformanceGroup = group("Copy and move", {
  ...transferTerms,
  "a copy leaves its source, and a move does not": async ({ backend }) => {
    await backend.put("a", "x");
    await backend.copy("a", "b");
    await backend.move("b", "c");
    equal(await backend.listKeys(), ["a", "c"], "the keys");
    await fails(backend.get("b"), "FileNotFound");
  },
  "a copy is another object: an overwrite of its source does not reach it": async ({ backend }) => {
    await backend.put("source", "first");
    await backend.copy("source", "target");
    await backend.put("source", "second");
    equal(textOf(await backend.get("target")), "first", "the copy");
    await backend.put("target", "third");
    equal(textOf(await backend.get("source")), "second", "the source");
    await backend.delete("source");
    equal(textOf(await backend.get("target")), "third", "the copy");
  },
  "a reader sees the old target or the new one while a copy goes on": async ({ backend }) => {
    const old = randomBytes(1_000_000, 1);
    const fresh = randomBytes(3_000_000, 2);
    await backend.put("target", old);
    await backend.put("source", fresh);
    const digests = new Set([await sha256(old), await sha256(fresh)]);
    await meanwhile(backend.copy("source", "target"), async () => {
      check(digests.has(await sha256(await backend.get("target"))), "old or new, whole");
    });
    equal((await backend.get("target")).length, fresh.length, "the length");
  },
  "a folder may be moved into a name that it had itself": async ({ backend }) => {
    await backend.put("a/b", "x");
    await backend.move("a/b", "c");
    await backend.move("c", "a");
    equal(await backend.listKeys(), ["a"], "the keys");
    equal(textOf(await backend.get("a")), "x", "the body");
  },
  "many moves to and fro lose nothing": async ({ backend }) => {
    await backend.put("a", "x", backend.capabilities.userMetadata ? { metadata: { a: "b" } } : {});
    for (let turn = 0; turn < 10; turn++) {
      await backend.move("a", "b");
      await backend.move("b", "a");
    }
    equal(textOf(await backend.get("a")), "x", "the body");
    equal(
      (await backend.getMetadata("a")).metadata,
      backend.capabilities.userMetadata ? { a: "b" } : {},
      "the metadata",
    );
  },
});
