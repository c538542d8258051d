import { readdirSync } from "node:fs";
import { join } from "node:path";
import { LocalBackend } from "@storage/local";
import { expect, test } from "vitest";
import { runChild } from "./child-report.ts";
import type { DropAndAbortReport } from "./children/drop-and-abort.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const count = 200;

test.skipIf(process.platform !== "linux")(
  "200 opened streams that are cancelled or forgotten, and 200 puts that are aborted half way, leave nothing",
  async () => {
    const basePath = await temporaryFolder();
    const report = await runChild<DropAndAbortReport>("drop-and-abort", { basePath, count }, ["--expose-gc"]);
    const { before, whileOpen, dropped, aborted, rejected, ...wrong } = report;
    expect(whileOpen.descriptors).toBeGreaterThanOrEqual(before.descriptors + count / 2);
    expect(whileOpen.listeners).toBe(count / 2);
    expect(before).toMatchObject({ listeners: 0, temporaries: 0 });
    expect(dropped).toEqual(before);
    expect(aborted).toEqual(before);
    expect(rejected).toBeGreaterThanOrEqual(count / 2);
    expect(wrong).toEqual({ appeared: [], strangeFailures: [] });

    const store = new LocalBackend({ basePath, secret: "a secret of this test" });
    const keys = await store.listKeys({ limit: 10_000 });
    expect(keys.length).toBe(1 + count - rejected);
    const folders = readdirSync(basePath).filter((name) => name !== ".storage");
    expect(folders).toEqual(keys.length > 1 ? ["aborted", "big"] : ["big"]);
    expect(await store.sweep({ olderThan: 0 })).toEqual({ removed: 0 });
    expect(readdirSync(join(basePath, ".storage/lock"))).toEqual([]);
  },
  60_000,
);
