import { execFile } from "node:child_process";
import { mkdir, readdir, truncate, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { LocalBackend } from "@storage/local";
import { describe, expect, test } from "vitest";
import { faultyFileSystem } from "./faulty-file-system.ts";
import { ownFiles } from "./own-files.ts";
import { shown } from "./shown.ts";
import { runChildren } from "./spawned-child.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const plain = { contentType: "application/octet-stream", metadata: {} };
const secret = "a secret of this test";

/** How many sidecars there are, used or not. */
async function sidecars(basePath: string): Promise<number> {
  const found = await readdir(join(basePath, ".storage/meta"), { recursive: true, withFileTypes: true });
  return found.filter((entry) => entry.isFile()).length;
}

describe("writes of the same key, size and millisecond", { timeout: 60_000 }, () => {
  test("by many backends of one process all succeed, and keep their own metadata", async () => {
    const basePath = await temporaryFolder();
    const backends = Array.from(
      { length: 8 },
      () => new LocalBackend({ basePath, secret, durability: "none" }),
    );
    for (let round = 0; round < 40; round++) {
      const writes = backends.map((backend, index) =>
        backend.put("key", String(index), { metadata: { of: index } }),
      );
      const etags = (await Promise.all(writes)).map(({ etag }) => etag);
      expect(new Set(etags).size).toBe(backends.length);
      const { body, metadata } = (await shown(new LocalBackend({ basePath, secret }), "key")) ?? {};
      expect(metadata).toEqual({ of: body });
    }
  });

  test("by two backends have etags of their own, but for one in thousands", async () => {
    const basePath = await temporaryFolder();
    const backends = Array.from(
      { length: 2 },
      () => new LocalBackend({ basePath, secret, durability: "none" }),
    );
    let same = 0;
    for (let round = 0; round < 200; round++) {
      const [one, other] = await Promise.all(backends.map((backend) => backend.put("key", "body")));
      if (one?.etag === other?.etag) same++;
    }
    expect(same).toBeLessThan(5);
  });

  test("by two processes all succeed, and keep their own metadata", async () => {
    const basePath = await temporaryFolder();
    const outputs = await runChildren("same-moment-writer.ts", [
      [basePath, "1", "400"],
      [basePath, "2", "400"],
    ]);
    expect(outputs.map((output) => output.trim())).toEqual(["400 written", "400 written"]);
  });

  test("on a disk that keeps eighths of a second all succeed", async () => {
    const basePath = await temporaryFolder();
    const real = await import("node:fs");
    const fs = faultyFileSystem(() => undefined);
    const coarse = {
      ...fs,
      futimes: ((descriptor: number, atime: number, mtime: number, done: (error: Error | null) => void) =>
        real.futimes(descriptor, atime, Math.floor(mtime * 8) / 8, done)) as typeof fs.futimes,
    };
    const backend = new LocalBackend({ basePath, secret, durability: "none", fs: coarse });
    for (let round = 0; round < 20; round++) {
      await Promise.all(
        Array.from({ length: 4 }, (_, index) =>
          backend.put("key", String(index), { metadata: { of: index } }),
        ),
      );
      const { body, metadata } = (await shown(backend, "key")) ?? {};
      expect(metadata).toEqual({ of: body });
    }
  });
});

describe("a move", { timeout: 60_000 }, () => {
  const described = { contentType: "text/x-of-a", metadata: { of: "a" } };

  test("beside another move of the same object takes its attributes along", async () => {
    for (let round = 0; round < 30; round++) {
      const basePath = await temporaryFolder();
      const backend = new LocalBackend({ basePath, secret, durability: "none" });
      await backend.put("a", "a", described);
      const ends = await Promise.allSettled([backend.move("a", "b"), backend.move("a", "b")]);
      expect(ends.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      expect(ends).toContainEqual({
        status: "rejected",
        reason: expect.objectContaining({ code: "FileNotFound" }),
      });
      expect(await shown(backend, "b")).toEqual({ body: "a", ...described });
    }
  });

  test.each(["lstat", "rename"] as const)(
    "takes what a write put there just before its %s, with that write's attributes",
    async (call) => {
      for (const [before, after] of [
        [described, { contentType: "text/x-late", metadata: { of: "late" } }],
        [described, plain],
        [{}, described],
      ] as const) {
        const basePath = await temporaryFolder();
        const other = new LocalBackend({ basePath, secret });
        await other.put("a", "early", before);
        await other.put("b", "old", { metadata: { of: "old" } });
        for (let skipped = 0; skipped < 8; skipped++) {
          let left = skipped;
          let done = false;
          const fs = faultyFileSystem((found, [path]) => {
            if (found !== call || !String(path).endsWith("/a") || done || left-- > 0) return undefined;
            done = true;
            return { before: async () => void (await other.put("a", "later", after)) };
          });
          const moving = new LocalBackend({ basePath, secret, fs });
          await moving.move("a", "b");
          const expected = done
            ? { body: "later", ...plain, ...after }
            : { body: "early", ...plain, ...before };
          expect(await shown(other, "b")).toEqual(expected);
          expect(await other.exists("a")).toBe(false);
          await other.put("a", "early", before);
          if (!done) break;
        }
        await other.sweep({ olderThan: 0 });
        expect(await sidecars(basePath)).toBe(
          [await shown(other, "a"), await shown(other, "b")].filter(
            (object) => Object.keys(object?.metadata ?? {}).length > 0,
          ).length,
        );
      }
    },
  );

  test("onto a copy of the same bytes and time keeps its attributes", async () => {
    const basePath = await temporaryFolder();
    const backend = new LocalBackend({ basePath, secret });
    await backend.put("a", "a", described);
    await promisify(execFile)("cp", ["-p", join(basePath, "a"), join(basePath, "b")]);
    await backend.move("a", "b");
    expect(await shown(backend, "b")).toEqual({ body: "a", ...described });
  });

  test("goes where a killed move left a sidecar", async () => {
    const basePath = await temporaryFolder();
    const backend = new LocalBackend({ basePath, secret });
    await backend.put("a", "a", described);
    const before = await ownFiles(basePath, "meta");
    const fs = faultyFileSystem((call, [path, target]) => {
      const isAboutSidecar = String(target ?? path).includes("/meta/");
      return call === (isAboutSidecar ? "unlink" : "rename") ? { fail: "EIO" } : undefined;
    });
    await new LocalBackend({ basePath, secret, fs, maxAttempts: 1 }).move("a", "b").catch(() => {});
    const [added = "", ...more] = (await ownFiles(basePath, "meta")).filter((name) => !before.includes(name));
    expect(more).toEqual([]);
    await truncate(join(basePath, ".storage", added), 9);
    await backend.move("a", "b");
    expect(await shown(backend, "b")).toEqual({ body: "a", ...described });
  });
});

describe("folders of our own", () => {
  test("that somebody removed are made again by whatever needs them", async () => {
    const basePath = await temporaryFolder();
    const backend = new LocalBackend({ basePath, secret });
    const { rm } = await import("node:fs/promises");
    for (const name of ["meta", "lock", "tmp", ""]) {
      const { etag } = await backend.put("key", "1", { metadata: { of: 1 } });
      await rm(join(basePath, ".storage", name), { recursive: true });
      await backend.put("key", "2", { metadata: { of: 2 }, ifMatch: etag });
      expect((await backend.getMetadata("key")).metadata).toEqual({ of: "2" });
      await rm(join(basePath, ".storage", name), { recursive: true });
      await backend.checkHealth();
    }
  });

  test("need not be there for a conditional delete", async () => {
    const basePath = await temporaryFolder();
    await mkdir(join(basePath, "folder"));
    await writeFile(join(basePath, "folder/foreign"), "foreign");
    await utimes(join(basePath, "folder/foreign"), 1, 1);
    const backend = new LocalBackend({ basePath, secret });
    const { etag } = await backend.getMetadata("folder/foreign");
    expect(await backend.delete("folder/foreign", { ifMatch: etag })).toBe(true);
  });
});
