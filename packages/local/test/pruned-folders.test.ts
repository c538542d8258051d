import * as nodeFs from "node:fs";
import { readdirSync } from "node:fs";
import { LocalBackend } from "@storage/local";
import { expect, test } from "vitest";
import { figure, runChild } from "./child-report.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const rounds = figure("STORAGE_TEST_PRUNES", 150);

test("a put never fails while deletes, in two processes, remove the folders under it", async () => {
  const basePath = await temporaryFolder();
  const work = ["x", "y"].map((name) => runChild<string[]>("put-and-prune", { basePath, name, rounds }));
  expect((await Promise.all(work)).flat()).toEqual([]);
  expect(readdirSync(basePath)).toEqual([".storage"]);
}, 120_000);

test("nor where folders are reached by their path", async () => {
  const basePath = await temporaryFolder();
  const store = new LocalBackend({ basePath, secret: "a secret of this test", fs: { ...nodeFs } });
  const work = async (worker: number): Promise<void> => {
    for (let round = 0; round < 60; round++) {
      await store.put(`a/b/c/${worker}`, "1");
      expect(await store.delete(`a/b/c/${worker}`)).toBe(true);
    }
  };
  await Promise.all([work(0), work(1), work(2), work(3)]);
  expect(readdirSync(basePath)).toEqual([".storage"]);
}, 60_000);
