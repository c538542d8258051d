import { LocalBackend } from "@storage/local";
import { expect, test } from "vitest";
import { faultyFileSystem } from "./faulty-file-system.ts";
import { ownFiles } from "./own-files.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const secret = "a secret of this test";

test("writes that race for one key leave hardly a sidecar behind, and a sweep takes the rest", {
  timeout: 60_000,
}, async () => {
  const basePath = await temporaryFolder();
  const backend = new LocalBackend({ basePath, secret, durability: "none" });
  const writers = Array.from({ length: 8 }, async (_, writer) => {
    for (let round = 0; round < 100; round++) {
      await backend.put("key", "x".repeat(writer), { metadata: { writer } });
    }
  });
  await Promise.all(writers);
  expect((await ownFiles(basePath, "meta")).length).toBeLessThan(80);
  await backend.sweep({ olderThan: 0 });
  expect(await ownFiles(basePath)).toHaveLength(1);
});

test("a long write leaves none of the sidecars of the writes that it saw", async () => {
  const basePath = await temporaryFolder();
  const backend = new LocalBackend({ basePath, secret });
  async function* slowly(): AsyncGenerator<Uint8Array> {
    for (let round = 0; round < 5; round++) {
      await backend.put("key", `${round}`, { metadata: { round } });
      yield new Uint8Array(600_000);
    }
  }
  await backend.put("key", "before", { metadata: { of: "before" } });
  await backend.put("key", slowly(), { metadata: { of: "long" } });
  expect((await backend.getMetadata("key")).metadata).toEqual({ of: "long" });
  expect(await ownFiles(basePath)).toHaveLength(1);
});

test("a move that fails once its sidecar is in the new place takes it away again", async () => {
  const basePath = await temporaryFolder();
  let isFailing = false;
  const fs = faultyFileSystem((call, [path]) => {
    const isGroup = /\/meta\/[^/]*$/.test(String(path));
    return isFailing && isGroup && call === "open" ? { fail: "EMFILE" } : undefined;
  });
  const backend = new LocalBackend({ basePath, secret, fs, maxAttempts: 1 });
  await backend.put("a", "body", { metadata: { of: "a" } });
  const before = await ownFiles(basePath);
  isFailing = true;
  await expect(backend.move("a", "b")).rejects.toMatchObject({ code: "Unavailable" });
  isFailing = false;
  expect(await ownFiles(basePath)).toEqual(before);
  expect((await backend.getMetadata("a")).metadata).toEqual({ of: "a" });
});
