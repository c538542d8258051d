import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { LocalBackend } from "@storage/local";
import { expect, test } from "vitest";
import { temporaryFolder } from "./temporary-folder.ts";

const secret = "a secret of this test";

test("a second backend on the folder, and its sweep, leave what the first one writes alone", async () => {
  const basePath = await temporaryFolder();
  const store = new LocalBackend({ basePath, secret });
  const gate = Promise.withResolvers<void>();
  async function* body(): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(600_000);
    await gate.promise;
    yield new Uint8Array(1);
  }
  const putting = store.put("a", body(), { metadata: { of: "the first" } });
  const temporaries = join(basePath, ".storage/tmp");
  while (!existsSync(temporaries) || readdirSync(temporaries).length === 0) await delay(5);
  const second = new LocalBackend({ basePath, secret });
  expect(await second.listKeys()).toEqual([]);
  expect(await second.sweep({ olderThan: 0 })).toEqual({ removed: 0 });
  gate.resolve();
  expect((await putting).size).toBe(600_001);
  expect((await second.getMetadata("a")).metadata).toEqual({ of: "the first" });
  expect(readdirSync(join(basePath, ".storage/tmp"))).toEqual([]);
});
