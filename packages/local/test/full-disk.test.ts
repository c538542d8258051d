import { open, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LocalBackend } from "@storage/local";
import { describe, expect, test } from "vitest";
import { available } from "../../../scripts/requirements.ts";
import { type MountedDisk, mountedDisk } from "./mounted-disk.ts";
import { ownFiles } from "./own-files.ts";
import { rejection } from "./rejection.ts";
import { shown } from "./shown.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const secret = "a secret of this test";
const described = { contentType: "text/x-of-this-test", metadata: { of: "old" } };
const mebibyte = 2 ** 20;

async function* inChunks(size: number): AsyncGenerator<Uint8Array> {
  for (let sent = 0; sent < size; sent += 50_000) yield new Uint8Array(Math.min(50_000, size - sent));
}

async function smallDisk(options = "size=1m"): Promise<{ disk: MountedDisk; basePath: string }> {
  const disk = await mountedDisk(join(await temporaryFolder(), "disk"), options);
  return { disk, basePath: join(disk.path, "base") };
}

/** Takes all the room that is left. */
async function fill(disk: MountedDisk): Promise<string> {
  const path = join(disk.path, "filling");
  const file = await open(path, "w");
  try {
    for (;;) await file.write(new Uint8Array(4096));
  } catch (error) {
    expect(error).toMatchObject({ code: "ENOSPC" });
  } finally {
    await file.close();
  }
  return path;
}

describe.skipIf(!available("tmpfs"))("a disk of 1 MiB", () => {
  describe.each(["fsync", "none"] as const)("(%s)", (durability) => {
    const bodies = {
      bytes: () => new Uint8Array(2 * mebibyte),
      "a stream": () => inChunks(2 * mebibyte),
      "a stream of a known size": () => inChunks(2 * mebibyte),
    };

    test.each(Object.entries(bodies))(
      "that is full leaves the old object as it was: %s",
      async (kind, body) => {
        const { basePath } = await smallDisk();
        const backend = new LocalBackend({ basePath, secret, durability });
        const old = { body: "o".repeat(100_000), ...described };
        await backend.put("a/key", old.body, described);
        const size = kind.endsWith("size") ? { size: 2 * mebibyte } : {};
        for (const terms of [{}, { ifMatch: (await backend.getMetadata("a/key")).etag }]) {
          const options = { metadata: { of: "new" }, ...size, ...terms };
          const error = await rejection(backend.put("a/key", body(), options), "QuotaExceeded");
          expect(error).toMatchObject({ retryable: false, outcome: "not-applied" });
          expect(await ownFiles(basePath, "tmp")).toEqual([]);
          expect(await ownFiles(basePath)).toHaveLength(1);
          expect(await shown(backend, "a/key")).toEqual(old);
        }
        await rejection(backend.put("b/new", body(), { ifNoneMatch: "*" }), "QuotaExceeded");
        expect(await backend.exists("b/new")).toBe(false);
        await backend.put("a/key", "small", { metadata: { of: "small" } });
        expect(await shown(backend, "a/key")).toMatchObject({ body: "small", metadata: { of: "small" } });
        expect(await ownFiles(basePath)).toHaveLength(1);
      },
    );

    test("has no room for a copy, and a move takes none", async () => {
      const { basePath } = await smallDisk();
      const backend = new LocalBackend({ basePath, secret, durability });
      const old = { body: "o".repeat(600_000), ...described };
      await backend.put("a", old.body, described);
      await backend.put("b", "b", described);
      await rejection(backend.copy("a", "b"), "QuotaExceeded");
      expect(await shown(backend, "b")).toEqual({ ...old, body: "b" });
      expect(await ownFiles(basePath, "tmp")).toEqual([]);
      await backend.move("a", "b");
      expect(await shown(backend, "b")).toEqual(old);
      expect(await ownFiles(basePath)).toHaveLength(1);
    });
  });

  test("without a byte left refuses the smallest put, says so to a health check, and reads and deletes", async () => {
    const { disk, basePath } = await smallDisk();
    const backend = new LocalBackend({ basePath, secret });
    const old = { body: "old", ...described };
    await backend.put("key", "old", described);
    await backend.put("plain", "plain");
    const filling = await fill(disk);
    await rejection(backend.put("key", "new", { metadata: { of: "new" } }), "QuotaExceeded");
    await rejection(backend.checkHealth(), "QuotaExceeded");
    expect(await shown(backend, "key")).toEqual(old);
    expect(await backend.listKeys()).toEqual(["key", "plain"]);
    expect(await backend.exists("absent")).toBe(false);
    expect(await backend.delete("plain")).toBe(true);
    expect(await ownFiles(basePath, "tmp")).toEqual([]);
    await rm(filling);
    await backend.checkHealth();
    await backend.put("key", "new", { metadata: { of: "new" } });
    expect(await shown(backend, "key")).toMatchObject({ body: "new", metadata: { of: "new" } });
  });

  test("without a byte left has no room for a first put either", async () => {
    const { disk, basePath } = await smallDisk();
    const filling = await fill(disk);
    const backend = new LocalBackend({ basePath, secret });
    await rejection(backend.put("key", "new", described), "QuotaExceeded");
    await rm(filling);
    await backend.put("key", "new", described);
    expect(await shown(backend, "key")).toEqual({ body: "new", ...described });
  });
});

describe.skipIf(!available("tmpfs"))("a disk that has no room for another file", () => {
  /** Leaves so many files to be made. */
  async function disk(
    left: number,
  ): Promise<{ basePath: string; backend: LocalBackend; free: () => Promise<void> }> {
    const { disk, basePath } = await smallDisk("size=1m,nr_inodes=60");
    const backend = new LocalBackend({ basePath, secret });
    await backend.put("key", "old", described);
    const made: string[] = [];
    try {
      for (;;) {
        const path = join(disk.path, `file-${made.length}`);
        await writeFile(path, "");
        made.push(path);
      }
    } catch (error) {
      expect(error).toMatchObject({ code: "ENOSPC" });
    }
    for (const path of made.splice(0, left)) await rm(path);
    const free = async (): Promise<void> => {
      for (const path of made) await rm(path);
    };
    return { basePath, backend, free };
  }

  test.each([0, 1, 2])("save for %i is full, and leaves the old object as it was", async (left) => {
    const { basePath, backend, free } = await disk(left);
    await rejection(backend.put("a/b/c", "new", { metadata: { of: "new" } }), "QuotaExceeded");
    expect(await ownFiles(basePath, "tmp")).toEqual([]);
    expect(await ownFiles(basePath)).toHaveLength(1);
    expect(await backend.exists("a/b/c")).toBe(false);
    if (left === 0) await rejection(backend.put("key", "new"), "QuotaExceeded");
    expect(await shown(backend, "key")).toEqual({ body: "old", ...described });
    if (left === 0) await rejection(backend.checkHealth(), "QuotaExceeded");
    await free();
    await backend.put("a/b/c", "new", { metadata: { of: "new" } });
    expect(await shown(backend, "a/b/c")).toMatchObject({ body: "new", metadata: { of: "new" } });
    expect(await backend.delete("key")).toBe(true);
  });

  test("still lets objects be deleted", async () => {
    const { backend } = await disk(0);
    expect(await backend.delete("key")).toBe(true);
    await backend.put("key", "new");
  });
});

describe.skipIf(!available("tmpfs"))("a disk that is mounted read-only", () => {
  test("is read, refuses every write, and writes again later", async () => {
    const { disk, basePath } = await smallDisk();
    const first = new LocalBackend({ basePath, secret });
    const old = { body: "old", ...described };
    const { etag } = await first.put("a/key", "old", described);
    await first.put("b", "b");
    await disk.remount("ro");
    for (const backend of [first, new LocalBackend({ basePath, secret })]) {
      const writes = {
        put: () => backend.put("a/key", "new"),
        "put of a stream": () => backend.put("new", inChunks(10)),
        "create-only put": () => backend.put("new", "new", { ifNoneMatch: "*" }),
        "compare-and-swap": () => backend.put("a/key", "new", { ifMatch: etag }),
        copy: () => backend.copy("a/key", "b"),
        move: () => backend.move("a/key", "b"),
        delete: () => backend.delete("a/key"),
        "conditional delete": () => backend.delete("a/key", { ifMatch: etag }),
        "health check": () => backend.checkHealth(),
      };
      for (const [name, write] of Object.entries(writes)) {
        const error = await rejection(write(), "PermissionDenied");
        expect([name, error.retryable, error.outcome]).toEqual([name, false, "not-applied"]);
      }
      expect(await shown(backend, "a/key")).toEqual(old);
      expect(await shown(backend, "b")).toMatchObject({ body: "b" });
      expect(await backend.listKeys()).toEqual(["a/key", "b"]);
      expect(await backend.exists("absent")).toBe(false);
      expect(await backend.sweep({ olderThan: 0 })).toEqual({ removed: 0 });
    }
    await disk.remount("rw");
    await first.put("a/key", "new");
    expect(await shown(first, "a/key")).toMatchObject({ body: "new", metadata: {} });
    expect(await ownFiles(basePath)).toEqual([]);
  });
});
