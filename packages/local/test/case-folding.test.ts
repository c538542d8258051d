import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type FileSystem, LocalBackend } from "@storage/local";
import { describe, expect, onTestFinished, test } from "vitest";
import { foldingFileSystem } from "./folding-file-system.ts";
import { rejection } from "./rejection.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const secret = "a secret of this test";
const succeeds = (command: string, ...parameters: string[]): boolean =>
  spawnSync(command, parameters, { stdio: "ignore" }).status === 0;

interface Disk {
  readonly basePath: string;
  readonly fs?: FileSystem;
}

/** Linux 6.13 and later, where the kernel is built with it. */
async function realDisk(): Promise<Disk | undefined> {
  const folder = await temporaryFolder();
  if (!succeeds("mount", "-t", "tmpfs", "-o", "casefold,size=4m", "tmpfs", folder)) return undefined;
  onTestFinished(() => void spawnSync("umount", [folder]));
  const basePath = join(folder, "base");
  mkdirSync(basePath);
  return succeeds("chattr", "+F", basePath) ? { basePath } : undefined;
}

async function imitation(): Promise<Disk> {
  const basePath = await temporaryFolder();
  return { basePath, fs: foldingFileSystem(basePath) };
}

const text = async (store: LocalBackend, key: string): Promise<string> =>
  Buffer.from(await store.get(key)).toString();

describe.each([
  ["tmpfs with casefold", realDisk],
  ["an imitation", imitation],
])("on a disk that folds case (%s)", (_, disk) => {
  test("another spelling is a conflict and never an overwrite, and is no object to reads", async (context) => {
    const found = await disk();
    if (found === undefined) return context.skip("this kernel has no tmpfs that folds case");
    const store = new LocalBackend({ ...found, secret });
    await store.put("Photos/Summer.jpg", "first", { metadata: { of: "first" } });
    await store.put("other", "other");
    for (const key of ["Photos/summer.jpg", "photos/Summer.jpg", "PHOTOS/SUMMER.JPG", "photos/new.jpg"]) {
      await rejection(store.put(key, "second"), "KeyConflict");
      await rejection(store.put(key, "second", { ifNoneMatch: "*" }), "KeyConflict");
      await rejection(store.copy("other", key), "KeyConflict");
      await rejection(store.move("other", key), "KeyConflict");
      await rejection(store.get(key), "FileNotFound");
      await rejection(store.getMetadata(key), "FileNotFound");
      await rejection(store.copy(key, "x"), "FileNotFound");
      await rejection(store.move(key, "x"), "FileNotFound");
      expect(await store.exists(key)).toBe(false);
      expect(await store.delete(key)).toBe(false);
    }
    await rejection(store.put("OTHER", "second"), "KeyConflict");
    expect(await store.listKeys()).toEqual(["Photos/Summer.jpg", "other"]);
    expect(await text(store, "Photos/Summer.jpg")).toBe("first");
    await store.put("Photos/Summer.jpg", "again", { metadata: { of: "again" } });
    await store.put("Photos/winter.jpg", "1");
    expect((await store.getMetadata("Photos/Summer.jpg")).metadata).toEqual({ of: "again" });
    expect(await store.delete("Photos/Summer.jpg")).toBe(true);
    await store.put("Photos/SUMMER.jpg", "new");
    expect(await store.listKeys()).toEqual(["Photos/SUMMER.jpg", "Photos/winter.jpg", "other"]);
  });

  test("that is so also for what others put there, before the first write and after it", async (context) => {
    const found = await disk();
    if (found === undefined) return context.skip("this kernel has no tmpfs that folds case");
    mkdirSync(join(found.basePath, "Docs"));
    writeFileSync(join(found.basePath, "Docs/Read.me"), "theirs");
    const store = new LocalBackend({ ...found, secret });
    await rejection(store.get("docs/read.me"), "FileNotFound");
    expect(await text(store, "Docs/Read.me")).toBe("theirs");
    await rejection(store.put("docs/x", "1"), "KeyConflict");
    await rejection(store.put("Docs/READ.ME", "1"), "KeyConflict");
    expect(await store.delete("Docs/READ.ME")).toBe(false);
    expect(await text(store, "Docs/Read.me")).toBe("theirs");
  });
});

test("on a disk that does not fold, spellings are different objects", async () => {
  const store = new LocalBackend({ basePath: await temporaryFolder(), secret });
  const keys = ["A/b", "B", "a/b", "b", "caf\u00e9", "cafe\u0301"];
  for (const key of keys) await store.put(key, key);
  for (const key of keys) expect(await text(store, key)).toBe(key);
  expect([...(await store.listKeys())].sort()).toEqual([...keys].sort());
});
