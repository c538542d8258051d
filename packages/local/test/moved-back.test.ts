import * as nodeFs from "node:fs";
import { type FileSystem, LocalBackend } from "@storage/local";
import { expect, test } from "vitest";
import { temporaryFolder } from "./temporary-folder.ts";

test("who has an object open that is moved away and back finds its attributes, not the half of them", async () => {
  const basePath = await temporaryFolder();
  const secret = "a secret of this test";
  const store = new LocalBackend({ basePath, secret });
  await store.put("a", "1", { metadata: { of: "a" } });
  const found: unknown[] = [];
  let isReading = false;
  // Just before each write of the mover, a reader looks at the place where the object has been.
  const write = (...parameters: unknown[]): void => {
    const go = (): void => Reflect.apply(nodeFs.write as (...all: unknown[]) => void, nodeFs, parameters);
    if (isReading) {
      go();
      return;
    }
    isReading = true;
    const reader = new LocalBackend({ basePath, secret, fs: openedBefore() });
    reader
      .getMetadata("a")
      .then(
        ({ metadata }) => found.push(metadata),
        (error) => found.push(error),
      )
      .finally(() => {
        isReading = false;
        go();
      });
  };
  /** Sees the file as it was in its place, whatever stands there by now. */
  const old = nodeFs.lstatSync(`${basePath}/a`, { bigint: true });
  const openedBefore = (): FileSystem => {
    const lstat = (path: string, options: { bigint: true }, done: (...all: unknown[]) => void): void =>
      path === `${basePath}/a` ? done(null, old) : nodeFs.lstat(path, options, done);
    return { ...nodeFs, lstat } as unknown as FileSystem;
  };
  await store.move("a", "b");
  const mover = new LocalBackend({ basePath, secret, fs: { ...nodeFs, write } as unknown as FileSystem });
  await mover.move("b", "a");
  expect(found.length).toBeGreaterThan(0);
  for (const one of found) expect(one).toEqual({});
  expect((await store.getMetadata("a")).metadata).toEqual({ of: "a" });
});
