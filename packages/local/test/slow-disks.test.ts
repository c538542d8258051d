import { LocalBackend, type LocalBackendOptions } from "@storage/local";
import { afterEach, expect, test, vi } from "vitest";
import { faultyFileSystem } from "./faulty-file-system.ts";
import { rejection } from "./rejection.ts";
import { temporaryFolder } from "./temporary-folder.ts";

afterEach(() => void vi.useRealTimers());

/** A disk whose writes take as long as the test says. */
async function slowDisk(more: Partial<LocalBackendOptions> = {}) {
  const release = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  const fs = faultyFileSystem((call) => {
    if (call !== "write") return undefined;
    reached.resolve();
    return { before: () => release.promise };
  });
  const options = { basePath: await temporaryFolder(), secret: "a secret of this test", fs };
  const quick = new LocalBackend({ ...options, fs: undefined });
  await quick.put("a", "body");
  return { storage: new LocalBackend({ ...options, ...more }), release, reached };
}

test("a copy takes the time that the disk takes: nothing but a service has to answer within 30 seconds", async () => {
  const { storage, release, reached } = await slowDisk();
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const copying = storage.copy("a", "b");
  await reached.promise;
  await vi.advanceTimersByTimeAsync(600_000);
  release.resolve();
  expect((await copying).key).toBe("b");
});

test("a time-out that is asked for counts for a disk too", async () => {
  const { storage, release, reached } = await slowDisk({ timeouts: { headers: 50 }, maxAttempts: 1 });
  const copying = rejection(storage.copy("a", "b"), "Timeout");
  await reached.promise;
  setTimeout(() => release.resolve(), 200);
  expect((await copying).code).toBe("Timeout");
});
