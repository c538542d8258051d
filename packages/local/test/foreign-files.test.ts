import * as nodeFs from "node:fs";
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { type FileSystem, LocalBackend } from "@storage/local";
import { describe, expect, test } from "vitest";
import { rejection } from "./rejection.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const secret = "a secret of this test";

async function opened(): Promise<{ readonly basePath: string; readonly store: LocalBackend }> {
  const basePath = await temporaryFolder();
  return { basePath, store: new LocalBackend({ basePath, secret, durability: "none" }) };
}

function sidecarsIn(basePath: string): number {
  const entries = readdirSync(join(basePath, ".storage/meta"), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).length;
}

const text = async (store: LocalBackend, key: string): Promise<string> =>
  Buffer.from(await store.get(key)).toString();

describe("a file that another program put there", () => {
  test("is an object: its size and time, a type by its extension", async () => {
    const { basePath, store } = await opened();
    mkdirSync(join(basePath, "photos/2024"), { recursive: true });
    writeFileSync(join(basePath, "photos/2024/summer.jpg"), "jpeg");
    utimesSync(join(basePath, "photos/2024/summer.jpg"), 1_700_000_000, 1_700_000_000);
    const metadata = await store.getMetadata("photos/2024/summer.jpg");
    expect(metadata).toEqual({
      key: "photos/2024/summer.jpg",
      size: 4,
      contentType: "image/jpeg",
      etag: expect.stringMatching(/^[^"\s]+$/),
      lastModified: new Date(1_700_000_000_000),
      metadata: {},
    });
    expect(await text(store, "photos/2024/summer.jpg")).toBe("jpeg");
    expect((await store.listPage()).entries).toEqual([
      { key: metadata.key, size: 4, etag: metadata.etag, lastModified: metadata.lastModified },
    ]);
    expect(readdirSync(basePath)).toEqual(["photos"]);
  });

  test("has an etag for which nobody reads it", async () => {
    const { basePath } = await opened();
    writeFileSync(join(basePath, "big"), Buffer.alloc(10_000));
    let reads = 0;
    const read = (...parameters: unknown[]): void => {
      reads++;
      (nodeFs.read as (...all: unknown[]) => void)(...parameters);
    };
    const store = new LocalBackend({ basePath, secret, fs: { ...nodeFs, read } as unknown as FileSystem });
    const { etag } = await store.getMetadata("big");
    await store.listPage();
    expect(reads).toBe(0);
    await rejection(store.get("big", { ifNoneMatch: etag }), "NotModified");
    expect(reads).toBe(0);
  });

  test("can be overwritten, copied, moved and deleted, with and without conditions", async () => {
    const { basePath, store } = await opened();
    for (const name of ["a.txt", "b.txt", "c.txt", "d.txt"]) writeFileSync(join(basePath, name), name);
    const { etag } = await store.getMetadata("a.txt");
    await rejection(store.put("a.txt", "x", { ifNoneMatch: "*" }), "PreconditionFailed");
    await store.put("a.txt", "new", { ifMatch: etag, metadata: { a: "b" } });
    await store.copy("b.txt", "copied/b.txt");
    await store.move("c.txt", "moved/c.bin");
    expect(await store.getMetadata("copied/b.txt")).toMatchObject({
      size: 5,
      contentType: "text/plain",
    });
    expect(await store.getMetadata("moved/c.bin")).toMatchObject({
      contentType: "text/plain",
    });
    expect(await store.delete("d.txt", { ifMatch: (await store.getMetadata("d.txt")).etag })).toBe(true);
    expect(await store.listKeys()).toEqual(["a.txt", "b.txt", "copied/b.txt", "moved/c.bin"]);
  });

  test("keeps its own copy: what is written to the copy or to the source does not reach the other", async () => {
    const { basePath, store } = await opened();
    writeFileSync(join(basePath, "a"), "source");
    await store.copy("a", "b");
    writeFileSync(join(basePath, "a"), "edited");
    expect(await text(store, "b")).toBe("source");
    expect(statSync(join(basePath, "b")).nlink).toBe(1);
  });
});

describe("an edit in place by another program", () => {
  const edits: Record<string, (path: string) => void> = {
    "of the same size": (path) => writeFileSync(path, "BODY"),
    "that appends": (path) => appendFileSync(path, "more"),
    "that truncates": (path) => truncateSync(path, 1),
    "that copies another file over it": (path) => copyFileSync(join(dirname(path), "other"), path),
    "that puts a new file in its place": (path) => {
      writeFileSync(`${path}.new`, "body");
      renameSync(`${path}.new`, path);
    },
  };

  test.each(Object.entries(edits))("%s drops the metadata", async (_, edit) => {
    const { basePath, store } = await opened();
    writeFileSync(join(basePath, "other"), "0123");
    await store.put("a.txt", "body", {
      contentType: "text/x-mine",
      metadata: { of: "body" },
      cacheControl: "no-store",
    });
    const { etag } = await store.getMetadata("a.txt");
    edit(join(basePath, "a.txt"));
    const metadata = await store.getMetadata("a.txt");
    expect(metadata).toMatchObject({ contentType: "text/plain", metadata: {} });
    expect(metadata.cacheControl).toBeUndefined();
    expect(metadata.etag).not.toBe(etag);
    await rejection(store.put("a.txt", "x", { ifMatch: etag }), "PreconditionFailed");
    expect(await text(store, "a.txt")).toBe(readFileSync(join(basePath, "a.txt"), "utf8"));
    expect((await store.sweep({ olderThan: 0 })).removed).toBe(1);
    expect(sidecarsIn(basePath)).toBe(0);
  });

  test.each([4, 2_000_000])(
    "while it is read is an error, and never new bytes with old metadata (%i bytes)",
    async (size) => {
      const { basePath, store } = await opened();
      const path = join(basePath, "a");
      await store.put("a", Buffer.alloc(size, "a"), { metadata: { of: "a" } });
      let reads = 0;
      const read = (...parameters: unknown[]): void => {
        const [descriptor] = parameters as [number];
        if (nodeFs.readlinkSync(`/proc/self/fd/${descriptor}`) === path && reads++ === 0)
          writeFileSync(path, Buffer.alloc(size, "b"));
        (nodeFs.read as (...all: unknown[]) => void)(...parameters);
      };
      const fs = { ...nodeFs, read } as unknown as FileSystem;
      const watched = new LocalBackend({ basePath, secret, fs, maxAttempts: 1 });
      await rejection(watched.get("a"), "Integrity");
      expect((await store.getMetadata("a")).metadata).toEqual({});
    },
  );
});

describe("a sidecar", () => {
  test("is there only where there is something to say, and goes with its object", async () => {
    const { basePath, store } = await opened();
    await store.put("a.txt", "1");
    await store.put("b.txt", "1", { contentType: "text/plain", metadata: {} });
    await store.put("c", "1", {
      contentType: "application/octet-stream",
      checksum: { sha256: "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b" },
    });
    await store.put("d", "1", { ifNoneMatch: "*" });
    expect(sidecarsIn(basePath)).toBe(0);
    await store.put("a.txt", "1", { contentType: "text/html" });
    await store.put("b.txt", "1", { metadata: { a: 1 } });
    await store.put("c", "1", { contentEncoding: "gzip" });
    expect(sidecarsIn(basePath)).toBe(3);
    await store.put("a.txt", "2", { contentType: "text/html" });
    expect(sidecarsIn(basePath)).toBe(3);
    await store.put("a.txt", "3");
    expect(sidecarsIn(basePath)).toBe(2);
    await store.move("b.txt", "e.txt");
    expect(sidecarsIn(basePath)).toBe(2);
    await store.copy("e.txt", "f.txt");
    expect(sidecarsIn(basePath)).toBe(3);
    await store.copy("f.txt", "f.txt", { replace: {} });
    expect(sidecarsIn(basePath)).toBe(2);
    await store.delete("e.txt");
    await store.delete("c");
    expect(sidecarsIn(basePath)).toBe(0);
    expect((await store.sweep({ olderThan: 0 })).removed).toBe(0);
  });

  test("is never another write's: 1,000 overwrites of one size, with and without metadata", async () => {
    const { basePath, store } = await opened();
    const seen = new Set<string>();
    for (let round = 0; round < 1000; round++) {
      const metadata = round % 3 === 0 ? {} : { of: `${round}` };
      const { etag } = await store.put("a", `${round}`.padStart(4, "0"), { metadata });
      expect((await store.getMetadata("a")).metadata).toEqual(metadata);
      seen.add(etag);
    }
    expect(seen.size).toBe(1000);
    expect(sidecarsIn(basePath)).toBeLessThanOrEqual(1);
  }, 30_000);

  test("that is damaged on the disk is an error that says so, and a put cures it", async () => {
    const { basePath, store } = await opened();
    await store.put("a", "1", { metadata: { a: "b" } });
    const [group = ""] = readdirSync(join(basePath, ".storage/meta"));
    const [name = ""] = readdirSync(join(basePath, ".storage/meta", group));
    writeFileSync(join(basePath, ".storage/meta", group, name), "{ half of i");
    await rejection(store.get("a"), "Integrity");
    await store.put("a", "2", { metadata: { a: "c" } });
    expect((await store.getMetadata("a")).metadata).toEqual({ a: "c" });
  });

  test("of nobody's goes with the whole folder of ours, and bodies stay", async () => {
    const { basePath, store } = await opened();
    await store.put("a/b.txt", "1", { metadata: { a: "b" } });
    nodeFs.rmSync(join(basePath, ".storage"), { recursive: true });
    expect(await store.getMetadata("a/b.txt")).toMatchObject({
      contentType: "text/plain",
      metadata: {},
    });
    await store.put("c", "1", { metadata: { a: "b" } });
    await store.move("c", "d");
    await store.copy("d", "e", { ifNoneMatch: "*" });
    expect(await store.listKeys()).toEqual(["a/b.txt", "d", "e"]);
  });
});
