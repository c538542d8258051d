import { readdirSync } from "node:fs";
import { join } from "node:path";
import { LocalBackend } from "@storage/local";
import { expect, test } from "vitest";
import { figure, reportOf, runChild, startChild } from "./child-report.ts";
import type { MoveTally } from "./children/move-about.ts";
import type { Tally } from "./children/write-and-read.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** Rounds of 8 writers and 8 readers; the issue asks for 2000. */
const rounds = figure("STORAGE_TEST_ROUNDS", 100);
const key = "one/key";

/** Two processes of four writers and four readers each. */
async function race(basePath: string, sizes: readonly (readonly number[])[]): Promise<Tally> {
  const children = sizes.map((own, index) =>
    runChild<Tally>("write-and-read", { basePath, key, name: `p${index}w`, rounds, sizes: own }),
  );
  const tallies = await Promise.all(children);
  const sum = (name: "puts" | "reads" | "torn" | "mixed" | "missing"): number =>
    tallies.reduce((total, tally) => total + tally[name], 0);
  return {
    puts: sum("puts"),
    reads: sum("reads"),
    torn: sum("torn"),
    mixed: sum("mixed"),
    missing: sum("missing"),
    failures: tallies.flatMap((tally) => tally.failures),
  };
}

async function started(): Promise<{ readonly basePath: string; readonly store: LocalBackend }> {
  const basePath = await temporaryFolder();
  return { basePath, store: new LocalBackend({ basePath, secret: "a secret of this test" }) };
}

/** Objects beside the temp files and sidecars that a sweep leaves. */
async function swept(basePath: string, store: LocalBackend): Promise<readonly number[]> {
  await store.sweep({ olderThan: 0 });
  const keys = await store.listKeys();
  const sidecars = readdirSync(join(basePath, ".storage/meta"), { recursive: true, withFileTypes: true });
  const locks = readdirSync(join(basePath, ".storage/lock"));
  const temporaries = readdirSync(join(basePath, ".storage/tmp"));
  return [keys.length, sidecars.filter((entry) => entry.isFile()).length, locks.length, temporaries.length];
}

test.each([
  [
    "different",
    [
      [10, 5000, 100_000, 700_000],
      [50, 9000, 300_000, 530_000],
    ],
  ],
  [
    "the same",
    [
      [1000, 1000, 1000, 1000],
      [1000, 1000, 1000, 1000],
    ],
  ],
])(
  "8 writers and 8 readers in two processes on one key, bodies of %s size: nothing torn, mixed or failed",
  async (_, sizes) => {
    const { basePath, store } = await started();
    await store.put(key, Buffer.alloc(16, "start          \n"), {
      contentType: "text/x-start",
      metadata: { mark: "start", size: "16" },
    });
    const tally = await race(basePath, sizes);
    expect(tally).toEqual({
      puts: 8 * rounds,
      reads: 8 * rounds,
      torn: 0,
      mixed: 0,
      missing: 0,
      failures: [],
    });
    expect(await swept(basePath, store)).toEqual([1, 1, 0, 0]);
  },
  600_000,
);

test("while a third process moves, copies and deletes the key, reads see whole objects or none", async () => {
  const { basePath, store } = await started();
  const mover = startChild("move-about", { basePath, key, other: "other/key" });
  const moved = reportOf<MoveTally>(mover);
  const { puts, reads, missing, ...rest } = await race(basePath, [
    [10, 5000, 100_000, 700_000],
    [50, 9000, 300_000, 530_000],
  ]);
  mover.send("end");
  const { moves, copies, deletes, ...wrong } = await moved;
  expect({ puts, reads: reads + missing, ...rest }).toEqual({
    puts: 8 * rounds,
    reads: 8 * rounds,
    torn: 0,
    mixed: 0,
    failures: [],
  });
  expect(wrong).toEqual({ torn: 0, mixed: 0, failures: [] });
  expect(Math.min(moves, copies, deletes, reads)).toBeGreaterThan(0);
  const [objects, sidecars, locks, temporaries] = await swept(basePath, store);
  expect([sidecars, locks, temporaries]).toEqual([objects, 0, 0]);
}, 600_000);
