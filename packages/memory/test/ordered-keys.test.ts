import { compareKeys, type ListCall } from "@storage/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { OrderedKeys } from "../src/ordered-keys.ts";
import { pageOf } from "../src/page-of.ts";

const call = (terms: Partial<ListCall>): ListCall => ({
  prefix: "",
  limit: 1000,
  keysOnly: false,
  signal: new AbortController().signal,
  attempt: (request) => request(new AbortController().signal),
  ...terms,
});
const all = (keys: OrderedKeys): string[] => [...keys.from(() => false)];

test("keys stay in the order of their UTF-8 bytes, whatever is added and removed", () => {
  const key = fc.string({ unit: "binary", minLength: 1, maxLength: 3 });
  const step = fc.tuple(fc.boolean(), key);
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const keys = new OrderedKeys();
      const expected = new Set<string>();
      for (const [adds, name] of steps) {
        if (adds && !expected.has(name)) keys.add(name);
        if (!adds) keys.remove(name);
        if (adds) expected.add(name);
        else expected.delete(name);
      }
      expect(all(keys)).toEqual([...expected].sort(compareKeys));
    }),
  );
});

test("many keys in any order, and none of them again", () => {
  const keys = new OrderedKeys();
  const names = Array.from({ length: 5000 }, (_, index) => `k${(index * 7919) % 5000}`);
  for (const name of names) keys.add(name);
  expect(all(keys)).toEqual(names.toSorted(compareKeys));
  for (const name of names) keys.remove(name);
  keys.remove("k1");
  expect(all(keys)).toEqual([]);
});

test("a page costs what it returns, wherever it lies and whatever is folded into it", () => {
  const keys = new OrderedKeys();
  for (let index = 0; index < 100_000; index++) keys.add(`a/${String(index).padStart(6, "0")}`);
  for (let index = 0; index < 100; index++) keys.add(`z${String(index).padStart(2, "0")}`);
  let looks = 0;
  const counted = keys.from.bind(keys);
  keys.from = (isBefore) =>
    counted((key) => {
      looks++;
      return isBefore(key);
    });
  let entries = 0;
  const entryOf = (key: string) => {
    entries++;
    return { key };
  };
  const late = pageOf(keys, call({ after: "a/050000", limit: 10 }), entryOf);
  expect(late.entries[0]?.key).toBe("a/050001");
  expect(entries).toBe(10);
  expect(looks).toBeLessThan(40);
  looks = 0;
  const folded = pageOf(keys, call({ delimiter: "/", limit: 3 }), entryOf);
  expect(folded).toMatchObject({ prefixes: ["a/"], entries: [{ key: "z00" }, { key: "z01" }], more: true });
  expect(looks).toBeLessThan(80);
});

test("pages are those of a plain walk over sorted keys", () => {
  const letters = fc.constantFrom("a", "b", "/", "é", "😀");
  const key = fc.array(letters, { minLength: 1, maxLength: 5 }).map((parts) => parts.join(""));
  const query = fc.record({
    prefix: fc.constantFrom("", "a", "a/", "b"),
    delimiter: fc.constantFrom(undefined, "/", "a"),
    limit: fc.integer({ min: 1, max: 4 }),
  });
  fc.assert(
    fc.property(fc.uniqueArray(key, { maxLength: 40 }), query, (names, { prefix, delimiter, limit }) => {
      const keys = new OrderedKeys();
      for (const name of names) keys.add(name);
      const expected: string[] = [];
      for (const name of names.toSorted(compareKeys)) {
        if (!name.startsWith(prefix)) continue;
        const at = delimiter === undefined ? -1 : name.indexOf(delimiter, prefix.length);
        const shown = at === -1 ? name : name.slice(0, at + (delimiter?.length ?? 0));
        if (expected.at(-1) !== shown) expected.push(shown);
      }
      const found: string[] = [];
      for (let after: string | undefined, more = true; more; ) {
        const page = pageOf(keys, call({ prefix, delimiter, limit, after }), (name) => ({ key: name }));
        const shown = [...page.entries.map((entry) => entry.key), ...page.prefixes].sort(compareKeys);
        expect(shown.length).toBeLessThanOrEqual(limit);
        found.push(...shown);
        after = shown.at(-1);
        more = page.more;
      }
      expect(found).toEqual(expected);
    }),
    { numRuns: 500 },
  );
});
