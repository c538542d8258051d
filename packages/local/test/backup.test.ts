import { execFile } from "node:child_process";
import { appendFile, copyFile, mkdir, readFile, rename, truncate, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { LocalBackend } from "@storage/local";
import { describe, expect, test } from "vitest";
import { available } from "../../../scripts/requirements.ts";
import { ownFiles } from "./own-files.ts";
import { type Shown, shown } from "./shown.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const run = promisify(execFile);
const secret = "a secret of this test";
const described = { contentType: "text/x-of-this-test", metadata: { of: "old" } };
const plain = { contentType: "application/octet-stream", metadata: {} };

const names = [
  "plain",
  "with space",
  " blanks at the ends ",
  "%2e%2e",
  "a..b",
  ".env",
  "x.meta.json",
  "x.tmp",
  "-rf",
  "--delete",
  "question?hash#and&plus+",
  "*",
  "'quotes\"",
  "$(false)`false`",
  "ünïcödé",
  "u\u0308decomposed",
  "日本語.txt",
  "👩‍👩‍👧.png",
  "\u{10ffff}",
  "\ue000",
  "n".repeat(255),
  "ü".repeat(127),
];

/** More than 200, of many sizes, every other one with something to say of itself. */
async function filled(basePath: string): Promise<LocalBackend> {
  const backend = new LocalBackend({ basePath, secret, durability: "none" });
  for (const [number, folder] of ["", "folder/", "a/deep er/folder ☃/", "-x/", "a-/"].entries()) {
    for (const [index, name] of names.entries()) {
      const key = folder + name;
      const size = [0, 1, 17, 4096, 100_000][(index + number) % 5] ?? 0;
      const body = new Uint8Array(size).fill(index);
      const options = {
        metadata: { key: key.slice(0, 100), number },
        contentType: "text/x-of-this-test; charset=utf-8",
        ...(index % 4 === 0 && { cacheControl: "no-store", contentDisposition: 'attachment; filename="x"' }),
      };
      await backend.put(`${key}`, body, options);
      await backend.put(`bare ${number}/${name}`, body);
    }
  }
  return backend;
}

async function everything(backend: LocalBackend): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for await (const { key } of backend.list()) {
    const body = Buffer.from(await backend.get(key)).toString("base64");
    found[key] = { ...(await backend.getMetadata(key)), body };
  }
  return found;
}

type BackUp = (from: string, to: string) => Promise<unknown>;

const byCopy: BackUp = (from, to) => run("cp", ["-a", `${from}/.`, to]);
const bySync: BackUp = (from, to) => run("rsync", ["-a", `${from}/`, `${to}/`]);
const byTar: BackUp = async (from, to) => {
  await run("tar", ["--format=pax", "-cf", `${to}.tar`, "-C", from, "."]);
  await run("tar", ["-xf", `${to}.tar`, "-C", to]);
};

/** Object by object, body and what it says of itself. */
async function expectWhole(backUp: BackUp): Promise<void> {
  const folder = await temporaryFolder();
  const original = await filled(join(folder, "base"));
  const before = await everything(original);
  expect(Object.keys(before).length).toBeGreaterThan(200);
  await mkdir(join(folder, "copy"));
  await backUp(join(folder, "base"), join(folder, "copy"));
  const copy = new LocalBackend({ basePath: join(folder, "copy"), secret });
  expect(await everything(copy)).toEqual(before);
  expect(await copy.sweep({ olderThan: 0 })).toEqual({ removed: 0 });
  expect(await everything(copy)).toEqual(before);
  await copy.put("plain", "new");
  expect(await shown(copy, "plain")).toEqual({ body: "new", ...plain });
  expect(await everything(original)).toEqual(before);
}

describe("a backup holds every object, whole", { timeout: 60_000 }, () => {
  test("by cp -a", () => expectWhole(byCopy));

  test.skipIf(!available("rsync"))("by rsync -a", () => expectWhole(bySync));

  test("by a pax tar", () => expectWhole(byTar));

  test("under a live backend's writes, each of some moment", async () => {
    const folder = await temporaryFolder();
    const backend = new LocalBackend({ basePath: join(folder, "base"), secret, durability: "none" });
    let writing = true;
    const body = (round: number): string => `body ${round % 10}`;
    const writer = (async () => {
      for (let round = 0; writing; round++) {
        await backend.put(`key ${round % 20}`, body(round), { metadata: { of: body(round) } });
      }
    })();
    for (let number = 0; number < 5; number++) {
      // Files that go away under it make cp complain, and go on.
      await run("cp", ["-a", `${join(folder, "base")}/.`, join(folder, `copy-${number}`)]).catch(() => {});
    }
    writing = false;
    await writer;
    for (let number = 0; number < 5; number++) {
      const copy = new LocalBackend({ basePath: join(folder, `copy-${number}`), secret });
      for (const key of await copy.listKeys()) {
        const found = await shown(copy, key);
        if (found?.metadata.of !== undefined) expect(found.metadata.of).toBe(found.body);
      }
    }
  });
});

describe("another program", { timeout: 60_000 }, () => {
  const edits: Readonly<Record<string, (path: string) => Promise<unknown>>> = {
    "writes other bytes of the same size": (path) => writeFile(path, "new"),
    "writes more": (path) => writeFile(path, "much longer"),
    "writes fewer": (path) => writeFile(path, "n"),
    "appends and cuts": async (path) => {
      await appendFile(path, "and more");
      await truncate(path, 3);
    },
    "uses sed -i": (path) => run("sed", ["-i", "s/old/new/", path]),
    "puts another file in its place": async (path) => {
      await writeFile(`${path}.new`, "new");
      await rename(`${path}.new`, path);
    },
    "puts a file with an old time in its place": async (path) => {
      await writeFile(`${path}.new`, "new");
      await utimes(`${path}.new`, 1, 1);
      await rename(`${path}.new`, path);
    },
  };

  test.each(Object.entries(edits))("that %s drops the metadata", async (_, edit) => {
    const basePath = await temporaryFolder();
    const backend = new LocalBackend({ basePath, secret, durability: "none" });
    for (let round = 0; round < 20; round++) {
      const { etag } = await backend.put("key", "old", described);
      await edit(join(basePath, "key"));
      const body = await readFile(join(basePath, "key"), "utf8");
      expect(await shown(backend, "key")).toEqual({ body, ...plain });
      expect((await backend.getMetadata("key")).etag).not.toBe(etag);
    }
    await backend.sweep({ olderThan: 0 });
    expect(await ownFiles(basePath)).toEqual([]);
  });

  test("that puts one object's file over another's lends its metadata to nobody", async () => {
    const basePath = await temporaryFolder();
    const backend = new LocalBackend({ basePath, secret });
    await backend.put("one", "one", { metadata: { of: "one" } });
    await backend.put("other", "two", { metadata: { of: "other" } });
    await run("cp", ["-p", join(basePath, "one"), join(basePath, "other")]);
    expect(await shown(backend, "other")).toEqual({ body: "one", ...plain });
    await rename(join(basePath, "one"), join(basePath, "renamed"));
    expect(await shown(backend, "renamed")).toEqual({ body: "one", ...plain });
  });

  test("that puts a file of its own into the tree makes an object", async () => {
    const basePath = await temporaryFolder();
    const backend = new LocalBackend({ basePath, secret });
    await writeFile(join(basePath, "picture.png"), "png");
    await mkdir(join(basePath, "folder"));
    await copyFile(join(basePath, "picture.png"), join(basePath, "folder/page.html"));
    expect(await shown(backend, "picture.png")).toEqual({
      body: "png",
      contentType: "image/png",
      metadata: {},
    });
    expect(await backend.listKeys()).toEqual(["folder/page.html", "picture.png"]);
    const { etag } = await backend.getMetadata("folder/page.html");
    await backend.put("folder/page.html", "new", { ifMatch: etag });
  });
});

describe("fast overwrites of one key with bodies of one size", () => {
  test("each read back with the metadata of the same write", { timeout: 120_000 }, async () => {
    const basePath = await temporaryFolder();
    const backend = new LocalBackend({ basePath, secret, durability: "none" });
    const count = Number(process.env.STORAGE_TEST_OVERWRITES ?? 2000);
    const etags = new Set<string>();
    for (let round = 0; round < count; round++) {
      const body = `${round}`.padStart(6, "0");
      const metadata = round % 3 === 0 ? {} : { of: body };
      const { etag } = await backend.put("key", body, { metadata });
      etags.add(etag);
      const expected: Shown = { ...plain, body, metadata };
      const object = await backend.open("key");
      const { contentType, metadata: found } = object;
      const seen = { body: await object.text(), contentType, metadata: found };
      if (JSON.stringify(seen) !== JSON.stringify({ body, ...plain, metadata }))
        expect(seen).toEqual(expected);
    }
    expect(etags.size).toBe(count);
    expect(await ownFiles(basePath, "tmp")).toEqual([]);
    expect((await ownFiles(basePath)).length).toBeLessThanOrEqual(1);
  });
});
