import { execFile } from "node:child_process";
import { mkdir, readdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { StorageBackend } from "@storage/core";
import { LocalBackend, type LocalBackendOptions } from "@storage/local";
import { Volume } from "memfs";
import { describe, expect, test } from "vitest";
import { available } from "../../../scripts/requirements.ts";
import { mountedDisk } from "./mounted-disk.ts";
import { rejection } from "./rejection.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const run = promisify(execFile);

const options = { secret: "a secret of this test", maxAttempts: 1 };

async function volumeThatIsAbsent(more: Partial<LocalBackendOptions> = {}) {
  const above = await temporaryFolder();
  const mountPoint = join(above, "volume");
  const basePath = join(mountPoint, "uploads");
  return { above, mountPoint, storage: new LocalBackend({ ...options, basePath, mountPoint, ...more }) };
}

function partsOf({ signer }: StorageBackend): StorageBackend {
  if (signer?.parts === undefined) throw new Error("there is no store of parts");
  return signer.parts;
}

const calls: Readonly<Record<string, (storage: StorageBackend) => Promise<unknown>>> = {
  put: (storage) => storage.put("a", "x"),
  "put of a stream": (storage) => storage.put("a", new Blob(["x"]).stream()),
  get: (storage) => storage.get("a"),
  open: (storage) => storage.open("a"),
  exists: (storage) => storage.exists("a"),
  getMetadata: (storage) => storage.getMetadata("a"),
  delete: (storage) => storage.delete("a"),
  copy: (storage) => storage.copy("a", "b"),
  move: (storage) => storage.move("a", "b"),
  listKeys: (storage) => storage.listKeys(),
  list: (storage) => storage.list()[Symbol.asyncIterator]().next(),
  listPage: (storage) => storage.listPage(),
  getUrl: (storage) => storage.getUrl("a"),
  checkHealth: (storage) => storage.checkHealth(),
  sweep: (storage) => storage.sweep(),
};

describe("while the folder is missing that has to be there", () => {
  test.each(Object.keys(calls))("%s is Unavailable, and nothing is made in its place", async (name) => {
    const { above, storage } = await volumeThatIsAbsent();
    const error = await rejection(calls[name]?.(storage) ?? Promise.resolve(), "Unavailable");
    expect(error.message).toContain("mountPoint");
    expect(error.message).not.toContain(above);
    expect(await readdir(above)).toEqual([]);
  });

  test("deleteMany says so of every key", async () => {
    const { storage } = await volumeThatIsAbsent();
    const { deleted, failed } = await storage.deleteMany(["a", "b"]);
    expect(deleted).toEqual([]);
    expect(failed.map(({ key, error }) => [key, error.code])).toEqual([
      ["a", "Unavailable"],
      ["b", "Unavailable"],
    ]);
  });

  test("a part of an upload is Unavailable too, and no folder for parts is made in its place", async () => {
    const { above, storage } = await volumeThatIsAbsent();
    await rejection(partsOf(storage).put("upload/0001", "part"), "Unavailable");
    await rejection(partsOf(storage).exists("upload/0001"), "Unavailable");
    expect(await readdir(above)).toEqual([]);
  });

  test("a file of its name is no folder", async () => {
    const fs = new Volume();
    fs.writeFileSync("/volume", "");
    const basePath = "/volume";
    const storage = new LocalBackend({ ...options, basePath, mountPoint: basePath, fs });
    await rejection(storage.put("a", "x"), "Unavailable");
  });
});

test("as soon as the folder is there, the backend works in it, and makes basePath below it", async () => {
  const { mountPoint, storage } = await volumeThatIsAbsent();
  await rejection(storage.exists("a"), "Unavailable");
  await mkdir(mountPoint);
  expect(await storage.exists("a")).toBe(false);
  await storage.put("a", "x");
  expect(await storage.listKeys()).toEqual(["a"]);
  expect(await readdir(mountPoint)).toEqual(["uploads"]);
});

test("a folder that vanishes later is not taken for an empty one, and its files are there when it is back", async () => {
  const { above, mountPoint, storage } = await volumeThatIsAbsent();
  await mkdir(mountPoint);
  await storage.put("a", "x");
  await rename(mountPoint, join(above, "elsewhere"));
  for (const call of Object.values(calls)) await rejection(call(storage), "Unavailable");
  expect(await readdir(above)).toEqual(["elsewhere"]);
  await rename(join(above, "elsewhere"), mountPoint);
  expect(new TextDecoder().decode(await storage.get("a"))).toBe("x");
});

test.skipIf(!available("tmpfs"))(
  "a volume that was mounted and is so no more is Unavailable, though its bare folder is there",
  async () => {
    const { mountPoint, storage } = await volumeThatIsAbsent();
    await mountedDisk(mountPoint, "size=1m");
    await storage.put("a", "x");
    await run("umount", [mountPoint]);
    for (const call of Object.values(calls)) await rejection(call(storage), "Unavailable");
    expect(await readdir(mountPoint)).toEqual([]);
    await run("mount", ["-t", "tmpfs", "tmpfs", mountPoint]);
    await storage.put("b", "y");
    expect(await storage.listKeys()).toEqual(["b"]);
  },
);

test.skipIf(!available("tmpfs"))(
  "the first part of an upload, sent when the volume is mounted no more, does not go into its bare folder",
  async () => {
    const { mountPoint, storage } = await volumeThatIsAbsent();
    await mountedDisk(mountPoint, "size=1m");
    await storage.put("a", "x");
    await run("umount", [mountPoint]);
    await rejection(partsOf(storage).put("upload/0001", "part"), "Unavailable");
    expect(await readdir(mountPoint)).toEqual([]);
    await run("mount", ["-t", "tmpfs", "tmpfs", mountPoint]);
    await partsOf(storage).put("upload/0001", "part");
    expect(await partsOf(storage).listKeys()).toEqual(["upload/0001"]);
  },
);

test.each([
  ["/data2/uploads", "/data"],
  ["/", "/data"],
  ["/data", "/data/uploads"],
])("basePath %s with mountPoint %s is a mistake", (basePath, mountPoint) => {
  expect(() => new LocalBackend({ ...options, basePath, mountPoint })).toThrow(/basePath lies in mountPoint/);
});

test.each([
  ["/data", "/data"],
  ["/data/uploads", "/data/"],
  ["/data/uploads", "/"],
])("basePath %s lies in mountPoint %s", (basePath, mountPoint) => {
  expect(new LocalBackend({ ...options, basePath, mountPoint }).name).toBe("LocalBackend");
});
