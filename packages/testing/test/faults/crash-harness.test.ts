import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LocalBackend } from "@storage/local";
import { describe, expect, test } from "vitest";
import { type CrashReport, crashAtEveryCall, killable } from "../../src/faults/index.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const nodeParameters = ["--conditions=@storage/source", "--no-warnings"];
const child = (name: string): URL => new URL(`children/${name}`, import.meta.url);

/** What is in the file at each end: "old", "new", or that it is neither. */
async function storing(way: string, env: Record<string, string> = {}): Promise<CrashReport<string>> {
  return await crashAtEveryCall({
    script: child("store.mjs"),
    nodeParameters,
    env,
    prepare: async () => {
      const path = join(await temporaryFolder(), "file");
      await writeFile(path, "old");
      return [path, way];
    },
    check: async ([path = ""]) => {
      const text = await readFile(path, "utf8").catch(() => "none");
      if (text === "old") return "old";
      if (text === "new".repeat(1000)) return "new";
      throw new Error(text === "none" ? "the file is gone" : `the file is torn: ${text.length} bytes`);
    },
  });
}

const shown = ({ kills }: CrashReport<string>): string[] =>
  kills.map(({ kill, found }) => `${kill.when} ${kill.name}: ${found}`);

describe("a put that is atomic", () => {
  test("is killed before, inside of and after each call, and is old or new", async () => {
    const report = await storing("temporary file and rename");
    expect(report.whole).toBe("new");
    expect(shown(report)).toEqual([
      "before writeFile: old",
      "midway writeFile: old",
      "after writeFile: old",
      "after rename: new",
    ]);
    expect(report.kills.map(({ kill }) => kill.call)).toEqual([1, 1, 1, 2]);
  });

  test("is so by way of callbacks too", async () => {
    expect(shown(await storing("temporary file and rename of callbacks"))).toEqual([
      "before open: old",
      "after open: old",
      "midway write: old",
      "after write: old",
      "after rename: new",
    ]);
  });

  test("is killed before a call, too, that was made while another was under way", async () => {
    const kills = (await storing("two temporary files at once")).kills.map(({ kill }) => [
      kill.call,
      kill.when,
    ]);
    expect(kills).toEqual([
      [1, "before"],
      [1, "midway"],
      [1, "after"],
      [2, "before"],
      [2, "midway"],
      [2, "after"],
      [3, "after"],
    ]);
  });

  test("is killed although node:fs was imported before the harness came", async () => {
    const early = "--import=data:text/javascript,import'node:fs/promises'";
    const { kills } = await storing("temporary file and rename", { NODE_OPTIONS: early });
    expect(kills).toHaveLength(4);
  });

  test("is so by calls that wait too", async () => {
    const kills = shown(await storing("temporary file and rename that wait"));
    expect([kills.at(0), kills.at(-1)]).toEqual(["before writeFile: old", "after rename: new"]);
  });
});

describe("a put that is not atomic is found out", () => {
  test.each([
    ["writeFile in place", "midway call 1 (writeFile)", "1500 bytes"],
    ["writeFile of callbacks in place", "midway call 1 (writeFile)", "1500 bytes"],
    ["writeFile in place that waits", "midway call 1 (writeFile)", "1500 bytes"],
    ["copyFile in place", "midway call 1 (copyFile)", "1500 bytes"],
    ["a stream in place", "after call 1 (open)", "0 bytes"],
    ["FileHandle.write in place", "midway call 2 (FileHandle.write)", "1500 bytes"],
    ["FileHandle.write of text in place", "midway call 2 (FileHandle.write)", "1500 bytes"],
    ["FileHandle.write with options in place", "midway call 2 (FileHandle.write)", "1500 bytes"],
    ["FileHandle.writev in place", "midway call 2 (FileHandle.writev)", "1500 bytes"],
    ["FileHandle.writeFile in place", "midway call 2 (FileHandle.writeFile)", "1500 bytes"],
    ["write in place that waits", "midway call 2 (write)", "1500 bytes"],
    ["removed first, renamed then", "after call 2 (unlink)", "the file is gone"],
  ])("%s", async (way, where, what) => {
    const error = await storing(way).catch((reason: unknown) => reason);
    expect(String(error)).toContain(`killed ${where} is wrong: Error: the file is`);
    expect(String(error)).toContain(what);
    expect(error).toHaveProperty("cause.message");
  });
});

describe("a script", () => {
  test.each([
    ["nothing at all", "the script changed nothing on the disk inside of killable"],
    ["an error", "it cannot be stored"],
    ["unknown", "the script failed"],
  ])("that does %s is told of", async (way, message) => {
    await expect(storing(way)).rejects.toThrow(message);
  });

  test("that makes fewer calls than at first is told of", async () => {
    let runs = 0;
    const report = crashAtEveryCall({
      script: child("store.mjs"),
      nodeParameters,
      prepare: async () => {
        const path = join(await temporaryFolder(), "file");
        await writeFile(path, "old");
        if (runs++ > 0) await writeFile(`${path}.before`, "");
        return [path, "another number of calls each time"];
      },
      check: () => Promise.resolve(),
      concurrency: 1,
    });
    await expect(report).rejects.toThrow("not killed midway call 2 (writeFile): it made fewer calls");
  });

  test("under no harness just does what is killable", async () => {
    expect(await killable(() => 7)).toBe(7);
    await expect(killable(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
  });
});

test("LocalBackend leaves the old object or the new one, wherever its put is killed", async () => {
  const secret = "a secret of this test";
  const { whole, kills } = await crashAtEveryCall({
    script: child("put-locally.mjs"),
    nodeParameters,
    prepare: async () => {
      const basePath = await temporaryFolder();
      await new LocalBackend({ basePath, secret }).put("a/key", "old", { metadata: { of: "old" } });
      return [basePath];
    },
    check: async ([basePath = ""]) => {
      const backend = new LocalBackend({ basePath, secret });
      const object = await backend.open("a/key");
      const body = await object.text();
      expect(object.metadata).toEqual({ of: body });
      expect(await backend.listKeys()).toEqual(["a/key"]);
      return body;
    },
  });
  expect(whole).toBe("new");
  expect(new Set(kills.map(({ found }) => found))).toEqual(new Set(["old", "new"]));
  expect(kills.map(({ kill }) => kill.name)).toContain("rename");
});
