import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { LocalBackend } from "@storage/local";
import { expect, test } from "vitest";
import { keys } from "../../core/test/conformance-data.ts";
import { rejection } from "./rejection.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const secret = "a secret of this test";
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
const inOrder = (names: readonly string[]): string[] =>
  names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));

async function opened(): Promise<{ readonly basePath: string; readonly store: LocalBackend }> {
  const basePath = await temporaryFolder();
  return { basePath, store: new LocalBackend({ basePath, secret, durability: "none" }) };
}

test("every legal key is kept byte for byte, all of them beside each other, as a file of that name", async () => {
  const { basePath, store } = await opened();
  for (const key of keys.legal) await store.put(key, key, { metadata: { of: "it" } });
  for (const key of keys.legal) {
    expect(text(await store.get(key))).toBe(key);
    expect(await store.getMetadata(key)).toMatchObject({ key, metadata: { of: "it" } });
    expect(readFileSync(join(basePath, key), "utf8")).toBe(key);
    expect(await store.listKeys({ prefix: key })).toContain(key);
  }
  expect(await store.listKeys()).toEqual(inOrder(keys.legal));
  for (const [index, key] of keys.legal.entries()) {
    await store.copy(key, `copies/${index}/${key}`);
    await store.move(key, `moved/${key}`);
  }
  expect(await store.listKeys({ prefix: "moved/" })).toEqual(
    inOrder(keys.legal.map((key) => `moved/${key}`)),
  );
  for (const [index, key] of keys.legal.entries()) {
    expect((await store.getMetadata(`copies/${index}/${key}`)).metadata).toEqual({ of: "it" });
    expect(await store.delete(`moved/${key}`)).toBe(true);
    expect(await store.delete(`copies/${index}/${key}`)).toBe(true);
  }
  expect(readdirSync(basePath)).toEqual([".storage"]);
});

test.each(keys.legalAlone)("the key %j is legal, alone", async (key) => {
  const { store } = await opened();
  await store.put(key, key);
  expect(await store.listKeys()).toEqual([key]);
  expect(text(await store.get(key))).toBe(key);
});

test("every refused key is refused by every call, and nothing is touched, not even basePath made", async () => {
  const basePath = join(await temporaryFolder(), "not-there");
  const store = new LocalBackend({ basePath, secret });
  for (const key of keys.refused) {
    await rejection(store.put(key, "1"), "InvalidKey");
    await rejection(store.get(key), "InvalidKey");
    await rejection(store.getMetadata(key), "InvalidKey");
    await rejection(store.exists(key), "InvalidKey");
    await rejection(store.delete(key), "InvalidKey");
    await rejection(store.copy(key, "a"), "InvalidKey");
    await rejection(store.copy("a", key), "InvalidKey");
    await rejection(store.move(key, "a"), "InvalidKey");
    await rejection(store.move("a", key), "InvalidKey");
    await rejection(store.getUrl(key), "InvalidKey");
  }
  expect(readdirSync(join(basePath, ".."))).toEqual([]);
});

test("the longest names are held, with metadata: 255 bytes in a segment, 1024 in a key", async () => {
  const { store } = await opened();
  const longest = [
    "x".repeat(255),
    "\u00e9".repeat(127),
    "\u{1f600}".repeat(63),
    `${"d".repeat(255)}/${"e".repeat(255)}/${"f".repeat(255)}/${"g".repeat(255)}`,
    `${"d/".repeat(511)}dd`,
  ];
  for (const key of longest) {
    await store.put(key, key, { metadata: { of: "it" }, ifNoneMatch: "*" });
    expect(text(await store.get(key))).toBe(key);
    expect((await store.getMetadata(key)).metadata).toEqual({ of: "it" });
    expect(await store.delete(key, { ifMatch: (await store.getMetadata(key)).etag })).toBe(true);
  }
  expect(await store.listKeys()).toEqual([]);
});
