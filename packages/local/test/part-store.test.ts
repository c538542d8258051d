import { mkdir, readdir, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { StorageBackend } from "@storage/core";
import { LocalBackend } from "@storage/local";
import { createFsFromVolume, Volume } from "memfs";
import { expect, test } from "vitest";
import { rejection } from "./rejection.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const secret = "a secret of this test";
const day = 24 * 60 * 60 * 1000;

function storeOf(backend: LocalBackend): StorageBackend {
  const parts = backend.signer?.parts;
  if (parts === undefined) throw new Error("there is no store of parts");
  return parts;
}

async function opened(): Promise<{ basePath: string; backend: LocalBackend; parts: StorageBackend }> {
  const basePath = await temporaryFolder();
  const backend = new LocalBackend({ basePath, secret });
  return { basePath, backend, parts: storeOf(backend) };
}

/** As if nothing had come since. */
async function age(basePath: string, key: string, milliseconds: number): Promise<void> {
  const path = join(basePath, ".storage/uploads", key);
  const time = new Date((await stat(path)).mtimeMs - milliseconds);
  await utimes(path, time, time);
}

test("parts lie in a folder of our own, where no listing and no key of the objects comes", async () => {
  const { basePath, backend, parts } = await opened();
  await parts.put("upload/0001", "part");
  await backend.put("object", "object");
  expect(await readdir(join(basePath, ".storage/uploads/upload"))).toEqual(["0001"]);
  expect(await backend.listKeys()).toEqual(["object"]);
  expect((await backend.listPage({ delimiter: "/" })).prefixes).toEqual([]);
  await rejection(backend.get(".storage/uploads/upload/0001"), "InvalidKey");
  expect(await parts.listKeys()).toEqual(["upload/0001"]);
});

test("who uploads nothing in parts has no folder for them, also after a sweep, a health check and a close", async () => {
  const { basePath, backend } = await opened();
  await backend.put("object", "object");
  await backend.checkHealth();
  expect(await backend.sweep({ olderThan: 0 })).toEqual({ removed: 0 });
  await backend.getUploadUrl("key", { parts: true, size: 5 });
  await backend.close();
  expect((await readdir(join(basePath, ".storage"))).sort()).toEqual(["lock", "meta", "tmp"]);
});

test("before the first object there may be a part", async () => {
  const basePath = join(await temporaryFolder(), "not/there");
  const backend = new LocalBackend({ basePath, secret });
  await storeOf(backend).put("upload/0001", "part");
  expect(await backend.listKeys()).toEqual([]);
  expect(await backend.sweep({ olderThan: 0 })).toEqual({ removed: 1 });
});

test("a sweep removes the uploads to which nothing came for so long, each as a whole, and counts them", async () => {
  const { basePath, backend, parts } = await opened();
  for (const upload of ["old", "paused", "young"])
    for (const part of ["0001", "0002"]) await parts.put(`${upload}/${part}`, "part");
  for (const key of ["old/0001", "old/0002", "paused/0001"]) await age(basePath, key, 2 * day);
  expect(await backend.sweep({ olderThan: 3 * day })).toEqual({ removed: 0 });
  expect(await backend.sweep()).toEqual({ removed: 1 });
  expect(await parts.listKeys()).toEqual(["paused/0001", "paused/0002", "young/0001", "young/0002"]);
  expect(await readdir(join(basePath, ".storage/uploads"))).not.toContain("old");
});

test("the first part that comes to a process removes the uploads of more than a day ago", async () => {
  const { basePath, parts } = await opened();
  await parts.put("old/0001", "part");
  await parts.put("young/0001", "part");
  await age(basePath, "old/0001", day + 60_000);
  const next = storeOf(new LocalBackend({ basePath, secret, maxConcurrency: 1 }));
  await next.put("new/0001", "part");
  expect(await next.listKeys()).toEqual(["new/0001", "young/0001"]);
});

test.each([".storage", ".storage/uploads"])(
  "behind a link at %s no part is written, read or swept",
  async (name) => {
    const { basePath, backend, parts } = await opened();
    const outside = await temporaryFolder();
    await mkdir(join(outside, "uploads/old"), { recursive: true });
    const target = name === ".storage" ? outside : join(outside, "uploads");
    await writeFile(join(outside, "uploads/old/0001"), "not ours");
    await utimes(join(outside, "uploads/old/0001"), 1, 1);
    if (name !== ".storage") await mkdir(join(basePath, ".storage"));
    await symlink(target, join(basePath, name));
    await rejection(parts.put("upload/0001", "part"), "Configuration");
    await rejection(parts.get("old/0001"), "Configuration");
    await rejection(parts.listKeys(), "Configuration");
    await rejection(backend.sweep({ olderThan: 0 }), "Configuration");
    expect(await readdir(outside, { recursive: true })).toEqual([
      "uploads",
      "uploads/old",
      "uploads/old/0001",
    ]);
  },
);

test("behind a link to an empty folder nothing is made", async () => {
  const { basePath, parts } = await opened();
  const outside = await temporaryFolder();
  await symlink(outside, join(basePath, ".storage"));
  await rejection(parts.put("upload/0001", "part"), "Configuration");
  expect(await readdir(outside)).toEqual([]);
});

test("parts are stored on another file system, too", async () => {
  const volume = new Volume();
  const backend = new LocalBackend({ basePath: "/data", secret, fs: createFsFromVolume(volume) });
  const parts = storeOf(backend);
  await parts.put("upload/0001", "part");
  expect(volume.readdirSync("/data/.storage/uploads/upload")).toEqual(["0001"]);
  expect(await backend.sweep({ olderThan: 0 })).toEqual({ removed: 1 });
  expect(await parts.listKeys()).toEqual([]);
});

test("a close ends the store of parts, too", async () => {
  const { backend, parts } = await opened();
  await backend.close();
  await rejection(parts.put("upload/0001", "part"), "Closed");
});
