import * as nodeFs from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { filesOf } from "../src/files.ts";
import { withoutThreads } from "../src/without-threads.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const threaded = filesOf(undefined);

/** Whether it has happened when the call returns, and not only when its promise is kept. */
async function isClosedAtOnce(files: typeof threaded, path: string, size?: number): Promise<boolean> {
  const descriptor = await threaded.open(path, nodeFs.constants.O_RDONLY);
  const closing = files.close(descriptor, size);
  let isClosed = false;
  try {
    nodeFs.fstatSync(descriptor);
  } catch {
    isClosed = true;
  }
  await closing;
  return isClosed;
}

describe.skipIf(process.platform !== "linux")("what touches no disk takes no thread", () => {
  test("on a local disk; but a long file, which may have been removed, is closed by one", async () => {
    const folder = await temporaryFolder();
    const files = await withoutThreads(threaded, folder, false);
    expect(await isClosedAtOnce(files, folder)).toBe(true);
    expect(await isClosedAtOnce(files, folder, 2 ** 20)).toBe(true);
    expect(await isClosedAtOnce(files, folder, 2 ** 30)).toBe(false);
  });

  test("on a disk that nobody knows, and on a file system that was handed in, all of it takes one", async () => {
    expect(await withoutThreads(threaded, "/proc", false)).toBe(threaded);
    expect(await withoutThreads(threaded, join(await temporaryFolder(), "none"), false)).toBe(threaded);
    const given = filesOf({ ...nodeFs });
    expect(await withoutThreads(given, await temporaryFolder(), false)).toBe(given);
  });

  test("a time is set at once where nothing is synced, and by a thread where it would wait for syncs", async () => {
    const folder = await temporaryFolder();
    const file = await open(join(folder, "file"), "w");
    expect((await withoutThreads(threaded, folder, true)).futimes).toBe(threaded.futimes);
    const setting = (await withoutThreads(threaded, folder, false)).futimes(file.fd, 1, 1);
    expect(nodeFs.fstatSync(file.fd).mtimeMs).toBe(1000);
    await setting;
    await file.close();
  });

  test("what fails rejects, and throws nothing", async () => {
    const files = await withoutThreads(threaded, await temporaryFolder(), false);
    for (const call of [files.close(-1), files.fstat(2 ** 30), files.futimes(2 ** 30, 1, 1)])
      await expect(call).rejects.toThrow(/EBADF|out of range/);
  });
});
