import type { StorageBackend } from "@storage/core";
import { AppStorage } from "@storage/http";
import { describe, expect, test } from "vitest";
import { memory } from "./app-behaviour.ts";

/** What is detected only once the test says so. */
function detectedLater(backend: StorageBackend) {
  const { promise, resolve } = Promise.withResolvers<StorageBackend>();
  return { detect: () => promise, detected: () => resolve(backend) };
}

describe("while a backend is still being detected", () => {
  test("a later call comes after it, and its backend is the one that stays", async () => {
    const storage = AppStorage.of({});
    const [first, second] = [memory(), memory()];
    const { detect, detected } = detectedLater(first);
    const installing = [storage.install({}, { detect }), storage.install({ backend: second }, { detect })];
    detected();
    expect(await Promise.all(installing)).toEqual([first, second]);
    expect(storage.backend).toBe(second);
    await expect(first.exists("a")).rejects.toMatchObject({ code: "Closed" });
    expect(await second.exists("a")).toBe(false);
  });

  test("an application that ends closes it as soon as it is there", async () => {
    const storage = AppStorage.of({});
    const backend = memory();
    const { detect, detected } = detectedLater(backend);
    const installing = storage.install({}, { detect });
    const closing = storage.close();
    detected();
    await Promise.all([installing, closing]);
    await expect(backend.exists("a")).rejects.toMatchObject({ code: "Closed" });
  });

  test("a call that fails is in nobody's way", async () => {
    const storage = AppStorage.of({});
    const backend = memory();
    const failing = storage.install({}, { detect: () => Promise.reject(new Error("nothing to detect")) });
    const installing = storage.install({ backend }, { detect: async () => backend });
    await expect(failing).rejects.toThrow("nothing to detect");
    expect(await installing).toBe(backend);
    await storage.close();
    await expect(backend.exists("a")).rejects.toMatchObject({ code: "Closed" });
  });
});

test("what connects an application to its framework is done once, and again where it failed", () => {
  const app = {};
  const done: number[] = [];
  const fail = (): void => {
    throw new Error("the app has started");
  };
  expect(() => AppStorage.of(app).connect(fail)).toThrow("the app has started");
  AppStorage.of(app).connect(() => done.push(1));
  AppStorage.of(app).connect(() => done.push(2));
  expect(done).toEqual([1]);
});
