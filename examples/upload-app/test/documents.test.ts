import { around, driverOf, type StorageBackend, type Watch } from "@storage/core";
import { describe, expect, test } from "vitest";
import { ask } from "./requests.ts";
import { isHere, places, site } from "./site.ts";

/** Stores documents without a form for each: what is counted is how they are listed. */
async function storeDocuments(storage: StorageBackend, count: number): Promise<void> {
  const numbers = Array.from({ length: count }, (_, number) => String(number).padStart(4, "0"));
  const put = (number: string) =>
    storage.put(`documents/invoices/${number}/a.txt`, number, { metadata: { owner: "ada", tags: number } });
  await Promise.all(numbers.map(put));
}

describe.each(places)("a category's documents on %s", (place) => {
  test.skipIf(!isHere(place))("take one listing, and one request for each of them", async () => {
    const seen: string[] = [];
    const { origin, storage } = await site({ place, onEvent: ({ operation }) => seen.push(operation) });
    await storeDocuments(storage, 40);
    await storage.put("documents/letters/0/a.txt", "another category");
    seen.length = 0;
    const { json } = await ask(`${origin}/api/documents?category=invoices`);
    expect(json.objects).toHaveLength(40);
    expect(Object(json.objects)[39]).toMatchObject({ metadata: { owner: "ada", tags: "0039" } });
    expect(seen.filter((operation) => operation === "list")).toHaveLength(1);
    expect(seen.filter((operation) => operation === "head")).toHaveLength(40);
    expect(seen).toHaveLength(41);
  });
});

test("of more than 1000 documents a page has 1000, and the next one the rest", async () => {
  const { origin, storage } = await site({ place: "memory" });
  await storeDocuments(storage, 1005);
  const { json } = await ask(`${origin}/api/documents?category=invoices`);
  expect(json.objects).toHaveLength(1000);
  const next = await ask(`${origin}/api/documents?category=invoices&cursor=${String(json.cursor)}`);
  expect(next.json.objects).toHaveLength(5);
  expect(next.json).not.toHaveProperty("cursor");
});

test("details are asked for 16 at a time, and a document that is deleted meanwhile is left out", async () => {
  let running = 0;
  let most = 0;
  let first: string | undefined;
  const watch: Watch = async ({ method, key }, next) => {
    if (method !== "head") return next();
    most = Math.max(most, ++running);
    // The others have begun by then.
    await new Promise(setImmediate);
    if (first === undefined && key !== undefined) {
      first = key;
      await plain?.delete(key);
    }
    return next().finally(() => running--);
  };
  let plain: StorageBackend | undefined;
  const layer = (storage: StorageBackend): StorageBackend => {
    plain = storage;
    return around(driverOf(storage), "watch", watch);
  };
  const { origin, storage } = await site({ place: "memory", layer });
  await storeDocuments(storage, 50);
  const { json } = await ask(`${origin}/api/documents?category=invoices`);
  expect(json.objects).toHaveLength(49);
  expect(most).toBe(16);
});
