import { LocalBackend } from "@storage/local";
import { describe, expect, test } from "vitest";
import type { Change } from "./children/order.ts";
import { runChildren } from "./spawned-child.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const secret = "a secret of this test";
const described = { contentType: "text/x-of-this-test", metadata: { of: "old" } };

const works = [
  "first put",
  "put",
  "put without metadata",
  "create-only put",
  "compare-and-swap",
  "copy",
  "move",
  "delete",
] as const;

type Told = Record<(typeof works)[number], Change[]>;

/** What each call did to the disk, in order: "fsync TEMP", "rename TEMP /key". */
async function changes(durability: "fsync" | "none"): Promise<Told> {
  const folders = await Promise.all(
    works.map(async (work) => {
      const basePath = `${await temporaryFolder()}/base`;
      if (work !== "first put") await new LocalBackend({ basePath, secret }).put("old/key", "old", described);
      return basePath;
    }),
  );
  const outputs = await runChildren(
    "order.ts",
    works.map((work, index) => [folders[index] ?? "", work, durability]),
  );
  const lists = outputs.map((output) => JSON.parse(output) as Change[]);
  return Object.fromEntries(works.map((work, index) => [work, lists[index]])) as Told;
}

/** Each of these began when the one before had ended; others may lie between. */
function expectOrder(told: readonly Change[], ...order: readonly string[]): void {
  let since = -1;
  for (const line of order) {
    const next = told.find((change) => change.line === line && change.began > since);
    const later = told.filter((change) => change.began > since).map((change) => change.line);
    if (next === undefined) expect(later).toContain(line);
    since = next?.ended ?? since;
  }
}

describe('with durability "fsync"', { timeout: 60_000 }, () => {
  test("what a call reports as done is on the disk, and each thing before what needs it", async () => {
    const told = await changes("fsync");

    const first = told["first put"];
    expectOrder(first, "mkdir /", "fsync above", "rename TEMP /a/b/key");
    expectOrder(first, "mkdir /.storage", "fsync /", "rename TEMP /a/b/key");
    expectOrder(first, "mkdir /.storage/tmp", "fsync /.storage", "rename TEMP /a/b/key");
    expectOrder(first, "mkdir /.storage/meta", "fsync /.storage", "rename TEMP /a/b/key");

    for (const put of [first, told.put]) {
      expectOrder(put, "write TEMP", "fsync TEMP", "rename TEMP /a/b/key", "fsync /a/b");
      expectOrder(put, "write SIDECAR", "fsync SIDECAR", "fsync SIDECAR'S FOLDER", "rename TEMP /a/b/key");
      expectOrder(put, "mkdir SIDECAR'S FOLDER", "fsync /.storage/meta", "rename TEMP /a/b/key");
      expectOrder(put, "mkdir /a", "fsync /", "rename TEMP /a/b/key");
      expectOrder(put, "mkdir /a/b", "fsync /a", "rename TEMP /a/b/key");
    }

    const plain = told["put without metadata"];
    expectOrder(plain, "write TEMP", "fsync TEMP", "rename TEMP /key", "fsync /");
    expect(plain.map(({ line }) => line)).toEqual([
      "write TEMP",
      "fsync TEMP",
      "rename TEMP /key",
      "fsync /",
    ]);

    const created = told["create-only put"];
    expectOrder(created, "fsync TEMP", "link TEMP /a/key", "unlink TEMP", "fsync /a", "unlink LOCK");
    expectOrder(created, "fsync SIDECAR", "fsync SIDECAR'S FOLDER", "link TEMP /a/key");

    const swapped = told["compare-and-swap"];
    expectOrder(swapped, "fsync TEMP", "rename TEMP /old/key", "fsync /old", "unlink SIDECAR", "unlink LOCK");
    expectOrder(swapped, "fsync SIDECAR", "fsync SIDECAR'S FOLDER", "rename TEMP /old/key", "unlink SIDECAR");

    expectOrder(told.copy, "write TEMP", "fsync TEMP", "rename TEMP /a/copy", "fsync /a");
    expectOrder(told.copy, "fsync SIDECAR", "fsync SIDECAR'S FOLDER", "rename TEMP /a/copy");

    const { move } = told;
    expectOrder(
      move,
      "fsync TEMP",
      "rename TEMP SIDECAR",
      "fsync SIDECAR'S FOLDER",
      "rename /old/key /a/moved",
    );
    expectOrder(move, "rename /old/key /a/moved", "fsync /a", "unlink SIDECAR");
    expectOrder(move, "rename /old/key /a/moved", "fsync /old");

    expectOrder(told.delete, "unlink /old/key", "fsync /old", "unlink SIDECAR");
  });
});

describe('with durability "none"', { timeout: 60_000 }, () => {
  test("nothing is synced, and the order is the same", async () => {
    const told = await changes("none");
    for (const [work, lines] of Object.entries(told)) {
      expect([work, lines.filter(({ line }) => line.startsWith("fsync"))]).toEqual([work, []]);
    }
    expectOrder(told.put, "write TEMP", "rename TEMP /a/b/key");
    expectOrder(told.put, "write SIDECAR", "rename TEMP /a/b/key");
    expectOrder(told.delete, "unlink /old/key", "unlink SIDECAR");
  });
});
