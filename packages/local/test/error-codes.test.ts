import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { inspect } from "node:util";
import type { StorageErrorCode } from "@storage/core";
import { LocalBackend } from "@storage/local";
import { describe, expect, test } from "vitest";
import { available } from "../../../scripts/requirements.ts";
import { attempts } from "./attempts.ts";
import { faultyFileSystem } from "./faulty-file-system.ts";
import { mountedDisk } from "./mounted-disk.ts";
import { ownFiles } from "./own-files.ts";
import { rejection } from "./rejection.ts";
import { shown } from "./shown.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const secret = "nobody shall see this secret";
const described = { contentType: "text/x-of-this-test", metadata: { of: "old" } };

/** Everything that an error shows to somebody. */
function text(error: Error): string {
  return [
    error.message,
    String(error),
    JSON.stringify(error),
    JSON.stringify(error.cause),
    inspect(error, { depth: 9, showHidden: true }),
  ].join("\n");
}

/** Where each operation makes the call that matters most to it. */
const operations = {
  put: { call: "write", run: (backend) => backend.put("a/key", "new", { metadata: { of: "new" } }) },
  "create-only put": { call: "link", run: (backend) => backend.put("a/new", "new", { ifNoneMatch: "*" }) },
  get: { call: "read", run: (backend) => backend.get("a/key") },
  open: { call: "fstat", run: (backend) => backend.open("a/key") },
  exists: { call: "lstat", run: (backend) => backend.exists("a/key") },
  getMetadata: { call: "lstat", run: (backend) => backend.getMetadata("a/key") },
  delete: { call: "unlink", run: (backend) => backend.delete("a/key") },
  listKeys: { call: "readdir", run: (backend) => backend.listKeys() },
  listPage: { call: "lstat", run: (backend) => backend.listPage() },
  copy: { call: "write", run: (backend) => backend.copy("a/key", "a/copy") },
  move: { call: "rename", run: (backend) => backend.move("a/key", "a/moved") },
  checkHealth: { call: "write", run: (backend) => backend.checkHealth() },
} satisfies Record<
  string,
  { readonly call: string; readonly run: (backend: LocalBackend) => Promise<unknown> }
>;

/** The same for every operation. */
const codes: Readonly<Record<string, StorageErrorCode>> = {
  EACCES: "PermissionDenied",
  EPERM: "PermissionDenied",
  EROFS: "PermissionDenied",
  ENOSPC: "QuotaExceeded",
  EDQUOT: "QuotaExceeded",
  EFBIG: "TooLarge",
  ENAMETOOLONG: "InvalidKey",
  EXDEV: "Configuration",
  EMFILE: "Unavailable",
  ENFILE: "Unavailable",
  EBUSY: "Unavailable",
  EIO: "Unavailable",
  EPROTO: "Unknown",
};

const cases = Object.entries(codes).flatMap(([errno, code]) =>
  Object.entries(operations).map(([name, operation]) => ({ errno, code, name, ...operation })),
);

describe("an error of the file system", { timeout: 60_000 }, () => {
  test.each(cases)("$errno at $name is $code", async ({ errno, code, call, run }) => {
    const basePath = await temporaryFolder();
    const healthy = new LocalBackend({ basePath, secret });
    await healthy.put("a/key", "old", described);
    let armed = false;
    const fs = faultyFileSystem((found, [path]) => {
      const isOwn = String(path).includes(".storage/lock");
      return armed && found === call && !isOwn ? { fail: errno } : undefined;
    });
    const backend = new LocalBackend({ basePath, secret, fs, maxAttempts: 1 });
    await backend.checkHealth();
    armed = true;
    const error = await rejection(run(backend), code);
    expect([error.retryable, error.outcome]).toEqual([code === "Unavailable", "not-applied"]);
    for (const hidden of [basePath, secret, "/proc/self", ".storage/"])
      expect(text(error)).not.toContain(hidden);
    expect(text(error)).toContain(errno);
    armed = false;
    expect(await shown(healthy, "a/key")).toEqual({ body: "old", ...described });
    expect(await healthy.listKeys()).toEqual(["a/key"]);
  });
});

describe("what is in the way, for real", () => {
  test("of a file is a folder: there is nothing to read (ENOTDIR, EISDIR), and a write is a conflict", async () => {
    const basePath = await temporaryFolder();
    const backend = new LocalBackend({ basePath, secret });
    await backend.put("file", "file", described);
    await backend.put("folder/key", "key");
    for (const key of ["file/key", "file/key/deeper", "folder", "absent", "absent/key"]) {
      await rejection(backend.get(key), "FileNotFound");
      await rejection(backend.getMetadata(key), "FileNotFound");
      await rejection(backend.copy(key, "copy"), "FileNotFound");
      await rejection(backend.move(key, "moved"), "FileNotFound");
      expect(await backend.exists(key)).toBe(false);
      expect(await backend.delete(key)).toBe(false);
      expect(await backend.delete(key, { ifMatch: "etag" })).toBe(false);
    }
    for (const key of ["file/key", "file/key/deeper", "folder"]) {
      const writes = [
        () => backend.put(key, "new"),
        () => backend.put(key, "new", described),
        () => backend.put(key, "new", { ifNoneMatch: "*" }),
        () => backend.copy("folder/key", key),
        () => backend.move("folder/key", key),
      ];
      for (const write of writes) {
        const error = await rejection(write(), "KeyConflict");
        expect([error.retryable, error.outcome]).toEqual([false, "not-applied"]);
        expect(text(error)).not.toContain(basePath);
      }
      await rejection(backend.put(key, "new", { ifMatch: "etag" }), "PreconditionFailed");
    }
    expect(await shown(backend, "file")).toEqual({ body: "file", ...described });
    expect(await backend.listKeys()).toEqual(["file", "folder/key"]);
    expect(await ownFiles(basePath)).toHaveLength(1);
  });

  test("is a link that leads in a circle, or nowhere (ELOOP)", async () => {
    const basePath = await temporaryFolder();
    const backend = new LocalBackend({ basePath, secret });
    await backend.put("key", "key");
    await symlink("circle", join(basePath, "circle"));
    await symlink("nowhere", join(basePath, "dangling"));
    for (const key of ["circle", "dangling", "circle/key"]) {
      for (const call of [
        () => backend.get(key),
        () => backend.exists(key),
        () => backend.put(key, "new"),
        () => backend.copy("key", key),
      ]) {
        const error = await rejection(call(), "PermissionDenied");
        expect(text(error)).not.toContain(basePath);
      }
    }
    expect(await backend.listKeys()).toEqual(["key"]);
    expect(await ownFiles(basePath)).toEqual([]);
  });

  test("is a path that is too long (ENAMETOOLONG)", async () => {
    const folder = await temporaryFolder();
    const deep = Array.from({ length: 13 }, () => "d".repeat(250)).join("/");
    const basePath = join(folder, deep);
    const backend = new LocalBackend({ basePath, secret });
    await backend.put("key", "key", described);
    const longest = 4095 - Buffer.byteLength(basePath) - 1;
    const segments = Array.from({ length: 9 }, () => "k".repeat(99)).join("/");
    const fits = segments.slice(0, longest - 60) + "n".repeat(60);
    for (const key of [`${fits}n`, `${fits.slice(0, -1)}/n`, `${fits}${"n".repeat(100)}`]) {
      const calls = [
        () => backend.put(key, "new", described),
        () => backend.put(key, "new", { ifNoneMatch: "*" }),
        () => backend.copy("key", key),
        () => backend.move("key", key),
        () => backend.get(key),
        () => backend.exists(key),
        () => backend.delete(key),
      ];
      for (const call of calls) {
        const error = await rejection(call(), "InvalidKey");
        expect([error.retryable, error.outcome]).toEqual([false, "not-applied"]);
        expect(text(error)).not.toContain(folder);
      }
    }
    expect(await backend.listKeys()).toEqual(["key"]);
    expect(await shown(backend, "key")).toEqual({ body: "key", ...described });
    expect(await ownFiles(basePath)).toHaveLength(1);
    await backend.put(fits, "fits", described);
    expect(await shown(backend, fits)).toEqual({ body: "fits", ...described });
    expect(await backend.listKeys()).toEqual(["key", fits]);
  });

  test("is basePath itself, when it is a file", async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, "file"), "file");
    const backend = new LocalBackend({ basePath: join(folder, "file"), secret });
    const error = await rejection(backend.put("key", "body"), "Configuration");
    expect(text(error)).not.toContain(folder);
  });
});

describe.skipIf(!available("tmpfs"))("another disk that is mounted in the tree (EXDEV)", () => {
  test("is read, and takes no writes", async () => {
    const basePath = await temporaryFolder();
    const backend = new LocalBackend({ basePath, secret });
    await backend.put("key", "key", described);
    await mountedDisk(join(basePath, "disk"), "size=1m");
    await writeFile(join(basePath, "disk/foreign"), "foreign");
    expect(await shown(backend, "disk/foreign")).toMatchObject({ body: "foreign" });
    expect(await backend.listKeys()).toEqual(["disk/foreign", "key"]);
    const writes = [
      () => backend.put("disk/new", "new", described),
      () => backend.put("disk/new", "new", { ifNoneMatch: "*" }),
      () => backend.put("disk/foreign", "new", described),
      () => backend.copy("key", "disk/new"),
      () => backend.move("key", "disk/new"),
      () => backend.move("disk/foreign", "moved"),
    ];
    for (const write of writes) {
      const error = await rejection(write(), "Configuration");
      expect([error.retryable, error.outcome]).toEqual([false, "not-applied"]);
      expect(text(error)).not.toContain(basePath);
    }
    await backend.copy("disk/foreign", "copy");
    expect(await shown(backend, "copy")).toMatchObject({ body: "foreign" });
    expect(await shown(backend, "key")).toEqual({ body: "key", ...described });
    expect(await shown(backend, "disk/foreign")).toMatchObject({ body: "foreign" });
    expect(await ownFiles(basePath)).toHaveLength(1);
    expect(await backend.delete("disk/foreign")).toBe(true);
  });
});

describe("a file that is larger than this process may make (EFBIG)", { timeout: 60_000 }, () => {
  test.each([{ streamOf: 3_000_000 }, { parameters: ["key", "b".repeat(3_000_000), described] }])(
    "is TooLarge, and leaves the old object as it was",
    async (given) => {
      const basePath = await temporaryFolder();
      await mkdir(join(basePath, "a"));
      const backend = new LocalBackend({ basePath, secret });
      await backend.put("key", "old", described);
      const body =
        given.parameters === undefined ? {} : { parameters: ["key", "b".repeat(100_000), described] };
      const { ends } = await attempts({
        options: { basePath },
        // In blocks of 512 bytes.
        shell: given.parameters === undefined ? "ulimit -f 2000" : "ulimit -f 100",
        calls: [
          { call: "put", parameters: ["key", ""], ...given, ...body },
          { call: "put", parameters: ["small", "small"] },
        ],
      });
      expect(ends[0]).toMatchObject({ code: "TooLarge", retryable: false, outcome: "not-applied" });
      expect(ends[0]?.text).not.toContain(basePath);
      expect(ends[1]).toMatchObject({ value: { size: 5 } });
      expect(await shown(backend, "key")).toEqual({ body: "old", ...described });
      expect(await ownFiles(basePath, "tmp")).toEqual([]);
    },
  );
});
