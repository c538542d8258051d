import * as nodeFs from "node:fs";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { inspect } from "node:util";
import { StorageError } from "@storage/core";
import { LocalBackend } from "@storage/local";
import { describe, expect, test } from "vitest";
import { rejection } from "./rejection.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const secret = "a secret of this test";

interface Site {
  readonly basePath: string;
  readonly outside: string;
  readonly store: LocalBackend;
}

/** A tree beside a folder that is none of its business; by descriptor as on Linux, or by path as elsewhere. */
async function site(way: "by descriptor" | "by path" = "by descriptor"): Promise<Site> {
  const folder = await temporaryFolder();
  const [basePath, outside] = [join(folder, "base"), join(folder, "outside")];
  mkdirSync(basePath);
  mkdirSync(join(outside, "sub/deep"), { recursive: true });
  writeFileSync(join(outside, "secret.txt"), "secret");
  writeFileSync(join(outside, "sub/deep/secret.txt"), "secret");
  const fs = way === "by path" ? { ...nodeFs } : undefined;
  return { basePath, outside, store: new LocalBackend({ basePath, secret, fs }) };
}

/** Names, contents and times of everything in a folder. */
function picture(folder: string): unknown {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path, statSync(path).mtimeMs, entry.isFile() ? readFileSync(path, "utf8") : ""].join(" ");
    })
    .sort();
}

const ways = ["by descriptor", "by path"] as const;

describe.each(ways)("a symbolic link that leads out of the tree (%s)", (way) => {
  test.each(["a file", "a folder", "nothing", "itself"])("to %s is refused to every call", async (what) => {
    const { basePath, outside, store } = await site(way);
    const targets = {
      "a file": join(outside, "secret.txt"),
      "a folder": outside,
      nothing: join(outside, "new"),
      itself: "link",
    };
    await store.put("mine", "mine");
    const link = join(basePath, "link");
    symlinkSync(targets[what as keyof typeof targets], link);
    const before = picture(outside);
    await rejection(store.get("link"), "PermissionDenied");
    await rejection(store.open("link"), "PermissionDenied");
    await rejection(store.getMetadata("link"), "PermissionDenied");
    await rejection(store.exists("link"), "PermissionDenied");
    await rejection(store.put("link", "new"), "PermissionDenied");
    await rejection(store.put("link", "new", { ifNoneMatch: "*" }), "PermissionDenied");
    await rejection(store.put("link", "new", { ifMatch: "some" }), "PermissionDenied");
    await rejection(store.copy("link", "copy"), "PermissionDenied");
    await rejection(store.copy("mine", "link"), "PermissionDenied");
    await rejection(store.move("link", "moved"), "PermissionDenied");
    await rejection(store.move("mine", "link"), "PermissionDenied");
    await rejection(store.delete("link"), "PermissionDenied");
    await rejection(store.delete("link", { ifMatch: "some" }), "PermissionDenied");
    expect(await store.listKeys()).toEqual(["mine"]);
    expect((await store.listPage({ delimiter: "/" })).prefixes).toEqual([]);
    expect(picture(outside)).toEqual(before);
    expect(readlinkSync(link)).toBe(targets[what as keyof typeof targets]);
  });

  test.each([
    ["link/secret.txt"],
    ["link/missing"],
    ["link/sub/deep/secret.txt"],
    ["link/sub/missing/x"],
    ["link/secret.txt/x"],
    ["link/missing/deep/x"],
  ])("as a folder is refused, and tells nothing of what is there: %s", async (key) => {
    const { basePath, outside, store } = await site(way);
    await store.put("mine", "mine");
    symlinkSync(outside, join(basePath, "link"));
    const before = picture(outside);
    await rejection(store.get(key), "PermissionDenied");
    await rejection(store.getMetadata(key), "PermissionDenied");
    await rejection(store.exists(key), "PermissionDenied");
    await rejection(store.put(key, "new"), "PermissionDenied");
    await rejection(store.put(key, "new", { ifNoneMatch: "*" }), "PermissionDenied");
    await rejection(store.copy("mine", key), "PermissionDenied");
    await rejection(store.copy(key, "copy"), "PermissionDenied");
    await rejection(store.move("mine", key), "PermissionDenied");
    await rejection(store.move(key, "moved"), "PermissionDenied");
    await rejection(store.delete(key), "PermissionDenied");
    expect(await store.listKeys({ prefix: "link/" })).toEqual([]);
    expect(await store.listKeys({ prefix: "link/sub/" })).toEqual([]);
    expect(await store.listKeys()).toEqual(["mine"]);
    expect(picture(outside)).toEqual(before);
  });

  test("is refused as a folder that does not exist, at once", async () => {
    const { basePath, outside, store } = await site(way);
    symlinkSync(join(outside, "nowhere"), join(basePath, "link"));
    const begun = performance.now();
    await rejection(store.put("link/x", "1"), "PermissionDenied");
    await rejection(store.put("link/x/y", "1"), "PermissionDenied");
    expect(performance.now() - begun).toBeLessThan(200);
    expect(existsSync(join(outside, "nowhere"))).toBe(false);
  });

  test("into our own folder is refused too", async () => {
    const { basePath, store } = await site(way);
    await store.put("mine", "mine", { metadata: { a: "b" } });
    symlinkSync(".storage", join(basePath, "link"));
    await rejection(store.put("link/x", "1"), "PermissionDenied");
    expect(await store.listKeys()).toEqual(["mine"]);
  });
});

test("a folder that is moved out of the tree while a stream is stored in it takes nothing with it", async () => {
  const { basePath, outside, store } = await site();
  await store.put("folder/a", "old");
  const gate = Promise.withResolvers<void>();
  async function* body(): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(600_000);
    await gate.promise;
    yield new Uint8Array(1);
  }
  const putting = store.put("folder/b", body());
  const temporaries = join(basePath, ".storage/tmp");
  while (readdirSync(temporaries).length === 0) await delay(5);
  await delay(50);
  nodeFs.renameSync(join(basePath, "folder"), join(outside, "folder"));
  gate.resolve();
  await putting;
  expect(readdirSync(join(outside, "folder"))).toEqual(["a"]);
  expect(await store.listKeys()).toEqual(["folder/b"]);
});

test("a sweep keeps what is said of an object behind a link that leads out, until the link is gone", async () => {
  const { basePath, outside, store } = await site();
  await store.put("folder/a", "1", { metadata: { of: "a" } });
  await store.put("b", "1", { metadata: { of: "b" } });
  nodeFs.renameSync(join(basePath, "folder"), join(basePath, "away"));
  symlinkSync(outside, join(basePath, "folder"));
  expect(await store.sweep({ olderThan: 0 })).toEqual({ removed: 0 });
  nodeFs.unlinkSync(join(basePath, "folder"));
  nodeFs.renameSync(join(basePath, "away"), join(basePath, "folder"));
  expect((await store.getMetadata("folder/a")).metadata).toEqual({ of: "a" });
});

describe("our own folder", () => {
  test.each([".storage", ".storage/tmp", ".storage/meta", ".storage/lock"])(
    "is no link: behind %s nothing is read, changed or swept",
    async (name) => {
      const { basePath, outside, store } = await site();
      await store.put("mine", "mine", { metadata: { a: "b" } });
      const old = join(outside, "old");
      mkdirSync(join(outside, "tmp"));
      for (const path of [old, join(outside, "tmp/old")]) {
        writeFileSync(path, "old");
        utimesSync(path, 1, 1);
      }
      nodeFs.renameSync(join(basePath, name), join(basePath, "..", "away"));
      symlinkSync(outside, join(basePath, name));
      const before = picture(outside);
      const again = new LocalBackend({ basePath, secret });
      for (const call of [
        again.listKeys(),
        again.get("mine"),
        again.put("x", "1", { metadata: { a: "b" } }),
        again.put("x", "1", { ifNoneMatch: "*" }),
        again.delete("mine"),
        again.sweep({ olderThan: 0 }),
        again.checkHealth(),
      ])
        await rejection(call, "Configuration");
      expect(picture(outside)).toEqual(before);
    },
  );

  test("is never listed, whatever it is", async () => {
    const { basePath, store } = await site();
    writeFileSync(join(basePath, ".storage"), "");
    const keys = await store
      .listKeys()
      .catch((error) => (StorageError.is(error) ? [] : Promise.reject(error)));
    expect(keys).toEqual([]);
  });
});

describe("basePath", () => {
  test("does not reach a sibling whose name begins alike", async () => {
    const { basePath, store } = await site();
    const sibling = `${basePath}_backup`;
    mkdirSync(sibling);
    writeFileSync(join(sibling, "secret.txt"), "secret");
    symlinkSync(sibling, join(basePath, "link"));
    symlinkSync(`../${basename(sibling)}/secret.txt`, join(basePath, "file"));
    await rejection(store.get("link/secret.txt"), "PermissionDenied");
    await rejection(store.get("file"), "PermissionDenied");
    await rejection(store.get(`../${basename(sibling)}/secret.txt`), "InvalidKey");
    await rejection(store.put("link/x", "1"), "PermissionDenied");
    expect(await store.listKeys()).toEqual([]);
  });

  test("may be a link itself, and have a slash at its end", async () => {
    const { basePath, store } = await site();
    await store.put("a/b", "1");
    symlinkSync(basePath, `${basePath}-link`);
    const linked = new LocalBackend({ basePath: `${basePath}-link/`, secret });
    expect(await linked.listKeys()).toEqual(["a/b"]);
    await linked.put("a/c", "2");
    expect(Buffer.from(await store.get("a/c")).toString()).toBe("2");
  });

  test.each([
    "with blank",
    "ünï😀",
    "a'b\"c",
    "$(x)`y`",
    "%2e%2e",
    "line\nbreak",
    "*?[x]",
    " (deleted)",
    "-rf",
  ])("may have any name: %j", async (name) => {
    const folder = join(await temporaryFolder(), name, "deep");
    const store = new LocalBackend({ basePath: folder, secret });
    await store.put("a/b", "1", { metadata: { a: "b" } });
    await store.copy("a/b", "c/d");
    await store.move("c/d", "e/f");
    expect(await store.listKeys()).toEqual(["a/b", "e/f"]);
    expect((await store.getMetadata("e/f")).metadata).toEqual({ a: "b" });
    expect(await store.delete("a/b")).toBe(true);
  });

  test("that is a link to nothing is said to be one", async () => {
    const folder = await temporaryFolder();
    symlinkSync(join(folder, "nothing"), join(folder, "link"));
    const store = new LocalBackend({ basePath: join(folder, "link"), secret });
    const error = await rejection(store.put("a", "1"), "Configuration");
    expect(error.message).toContain("basePath");
    await rejection(store.checkHealth(), "Configuration");
    expect(existsSync(join(folder, "nothing"))).toBe(false);
  });

  test("that is a file is said to be one", async () => {
    const folder = await temporaryFolder();
    writeFileSync(join(folder, "file"), "x");
    const store = new LocalBackend({ basePath: join(folder, "file"), secret });
    await rejection(store.put("a", "1"), "Configuration");
    await rejection(store.checkHealth(), "Configuration");
    expect(readFileSync(join(folder, "file"), "utf8")).toBe("x");
  });

  test("is not told by any error", async () => {
    const { basePath, store } = await site();
    symlinkSync("/", join(basePath, "link"));
    const calls = [
      () => store.get("missing"),
      () => store.get("link/etc/passwd"),
      () => store.put("link/x", "1"),
    ];
    for (const call of calls) {
      const error = await call().then(
        () => undefined,
        (cause: unknown) => cause,
      );
      const shown = `${JSON.stringify(error)} ${inspect(error, { depth: 9 })}`;
      expect(shown).not.toContain(basePath);
    }
  });
});
