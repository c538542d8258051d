import * as nodeFs from "node:fs";
import { lstatSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StorageError } from "@storage/core";
import { LocalBackend } from "@storage/local";
import { expect, test } from "vitest";
import { figure, reportOf, startChild } from "./child-report.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const operations = figure("STORAGE_TEST_SWAPS", 5000);
const outsideText = "outside: nobody may see this";

/** Names, contents, sizes and times. */
function picture(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const { mtimeNs, size, nlink } = statSync(path, { bigint: true });
      return `${path} ${mtimeNs} ${size} ${nlink} ${entry.isFile() ? readFileSync(path, "utf8") : ""}`;
    })
    .sort();
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

/** Each gives what it saw, as text, for the search for what lies outside. */
const calls: readonly ((store: LocalBackend, round: number) => Promise<unknown>)[] = [
  async (store) => text(await store.get("folder/a")),
  async (store) => text(await store.get("file")),
  async (store) => text(await store.get("folder/deep/a")),
  async (store) => await (await store.open("folder/a")).text(),
  (store) => store.getMetadata("folder/a"),
  (store) => store.getMetadata("file"),
  (store) => store.exists("folder/only-outside"),
  (store, round) => store.put("folder/a", `inside ${round}`, { metadata: { a: "b" } }),
  (store, round) => store.put(`folder/new${round % 5}/b`, `inside ${round}`),
  (store, round) => store.put(`folder/created${round}`, "inside", { ifNoneMatch: "*" }),
  (store, round) => store.put("file", `inside ${round}`),
  (store) => store.copy("mine", "folder/copy"),
  (store) => store.copy("folder/a", "mine-copy"),
  (store) => store.move("folder/copy", "folder/moved"),
  (store) => store.move("folder/moved", "mine-moved"),
  (store) => store.delete("folder/moved"),
  (store, round) => store.delete(`folder/new${round % 5}/b`),
  (store, round) => store.delete(`folder/created${round - 5}`),
  (store) => store.delete("folder/only-outside"),
  (store) => store.delete("folder/empty"),
  (store) => store.listKeys({ prefix: "folder/" }),
  (store) => store.listPage({}),
  (store) => store.listPage({ prefix: "folder/", delimiter: "/" }),
];

const expected = new Set(["FileNotFound", "PermissionDenied", "KeyConflict", "PreconditionFailed"]);

test.skipIf(process.platform !== "linux")(
  "while folders and files turn into links to the outside and back, nothing outside is read or changed",
  async () => {
    const folder = await temporaryFolder();
    const [basePath, outside] = [join(folder, "base"), join(folder, "outside")];
    mkdirSync(join(outside, "deep"), { recursive: true });
    mkdirSync(join(outside, "empty"));
    for (const name of ["a", "file", "only-outside", "deep/a"])
      writeFileSync(join(outside, name), outsideText);
    const store = new LocalBackend({
      basePath,
      secret: "a secret of this test",
      durability: "none",
      maxAttempts: 1,
    });
    for (const key of ["mine", "file", "folder/a", "folder/deep/a"]) await store.put(key, "inside");
    const before = picture(outside);

    const child = startChild("flip-folder", { basePath, outside });
    const flipping = reportOf<number>(child);
    const seen: string[] = [];
    const codes = new Map<string, number>();
    const count = (code: string): unknown => codes.set(code, (codes.get(code) ?? 0) + 1);
    const work = async (round: number): Promise<void> => {
      try {
        const result = await calls[round % calls.length]?.(store, round);
        const shown = typeof result === "string" ? result : JSON.stringify(result);
        if (shown.includes("outside")) seen.push(`${round % calls.length}: ${shown}`);
        count("ok");
      } catch (error) {
        if (!StorageError.is(error)) throw error;
        count(error.code);
        if (!expected.has(error.code)) seen.push(`${error.message} ${error.cause}`);
        if (JSON.stringify(error).includes(folder)) seen.push(`${error.message}`);
      }
    };
    for (let round = 0; round < operations; round += 8)
      await Promise.all(Array.from({ length: 8 }, (_, index) => work(round + index)));
    child.send("end");
    const flips = await flipping;

    expect(picture(outside)).toEqual(before);
    expect(seen).toEqual([]);
    expect(flips).toBeGreaterThan(10);
    expect(codes.get("ok")).toBeGreaterThan(operations / 10);
    expect(codes.get("PermissionDenied")).toBeGreaterThan(0);
    expect(readdirSync(join(basePath, ".storage/tmp"))).toEqual([]);
  },
  300_000,
);

test("elsewhere than on Linux, where a path is all there is, a swapped folder is noticed", async () => {
  const folder = await temporaryFolder();
  const [basePath, outside] = [join(folder, "base"), join(folder, "outside")];
  mkdirSync(outside);
  writeFileSync(join(outside, "a"), outsideText);
  const secret = "a secret of this test";
  await new LocalBackend({ basePath, secret }).put("folder/a", "inside");
  const swap = (): void => {
    if (lstatSync(join(basePath, "folder")).isSymbolicLink()) return;
    nodeFs.renameSync(join(basePath, "folder"), join(basePath, "real"));
    nodeFs.symlinkSync(outside, join(basePath, "folder"));
  };
  const open = ((path: string, ...rest: unknown[]) => {
    if (path.endsWith("/folder/a")) swap();
    return (nodeFs.open as (...all: unknown[]) => void)(path, ...rest);
  }) as typeof nodeFs.open;
  const store = new LocalBackend({ basePath, secret, fs: { ...nodeFs, open } });
  await expect(store.get("folder/a")).rejects.toMatchObject({ code: "PermissionDenied" });
});
