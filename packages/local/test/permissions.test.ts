import { chmod, chown, mkdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LocalBackend } from "@storage/local";
import { describe, expect, test } from "vitest";
import { available } from "../../../scripts/requirements.ts";
import { type Attempt, attempts, brief } from "./attempts.ts";
import { ownFiles } from "./own-files.ts";
import { shown } from "./shown.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const secret = "a secret of this test";
const described = { contentType: "text/x-of-this-test", metadata: { of: "old" } };
const nobody = 65534;

/** What somebody without privileges meets: the code of each call's error, or what it gave. */
async function met(
  basePath: string,
  calls: Readonly<Record<string, Attempt>>,
): Promise<Record<string, unknown>> {
  const { ends } = await attempts({ options: { basePath }, calls: Object.values(calls), uid: nobody });
  const names = Object.keys(calls);
  for (const [index, end] of ends.entries()) {
    const { code, text, retryable, outcome } = end;
    if (code !== "PermissionDenied") continue;
    expect([names[index], retryable, outcome]).toEqual([names[index], false, "not-applied"]);
    expect(text).not.toContain(basePath);
  }
  return Object.fromEntries(ends.map((end, index) => [names[index], brief(end)]));
}

/** Everything that may be asked about one key. */
function callsAbout(key: string): Record<string, Attempt> {
  return {
    get: { call: "get", parameters: [key] },
    open: { call: "open", parameters: [key] },
    exists: { call: "exists", parameters: [key] },
    getMetadata: { call: "getMetadata", parameters: [key] },
    getUrl: { call: "getUrl", parameters: [key] },
    put: { call: "put", parameters: [key, "new", { metadata: { of: "new" } }] },
    stream: { call: "put", parameters: [key], streamOf: 600_000 },
    create: { call: "put", parameters: [key, "new", { ifNoneMatch: "*" }] },
    swap: { call: "put", parameters: [key, "new", { ifMatch: "other" }] },
    copy: { call: "copy", parameters: [key, "copy"] },
    move: { call: "move", parameters: [key, "moved"] },
    delete: { call: "delete", parameters: [key] },
    deleteIf: { call: "delete", parameters: [key, { ifMatch: "other" }] },
  };
}

const allDenied = Object.fromEntries(Object.keys(callsAbout("")).map((name) => [name, "PermissionDenied"]));

const listing: Record<string, Attempt> = {
  listKeys: { call: "listKeys" },
  listPage: { call: "listPage" },
  below: { call: "listKeys", parameters: [{ prefix: "a/" }] },
};

function ownFolders(basePath: string): string[] {
  return [basePath, ...["tmp", "meta", "lock", ""].map((name) => join(basePath, ".storage", name))];
}

async function tree(): Promise<{ basePath: string; backend: LocalBackend }> {
  const basePath = join(await temporaryFolder(), "base");
  await chmod(join(basePath, ".."), 0o755);
  const backend = new LocalBackend({ basePath, secret });
  await backend.put("a/key", "old", described);
  await backend.put("plain", "plain");
  return { basePath, backend };
}

describe.skipIf(!available("second-uid"))("somebody without permission", { timeout: 60_000 }, () => {
  test("to write in basePath reads, and is refused every write", async () => {
    const { basePath, backend } = await tree();
    const ends = await met(basePath, {
      ...callsAbout("a/key"),
      health: { call: "checkHealth" },
      first: { call: "put", parameters: ["new", "new"] },
      absent: { call: "exists", parameters: ["absent"] },
      sweep: { call: "sweep", parameters: [{ olderThan: 0 }] },
      ...listing,
    });
    expect(ends).toMatchObject({
      get: "old",
      exists: true,
      getMetadata: { metadata: { of: "old" } },
      put: "PermissionDenied",
      stream: "PermissionDenied",
      create: "PermissionDenied",
      swap: "PermissionDenied",
      copy: "PermissionDenied",
      move: "PermissionDenied",
      delete: "PermissionDenied",
      deleteIf: "PermissionDenied",
      health: "PermissionDenied",
      first: "PermissionDenied",
      absent: false,
      sweep: { removed: 0 },
      listKeys: ["a/key", "plain"],
      below: ["a/key"],
    });
    expect(await shown(backend, "a/key")).toEqual({ body: "old", ...described });
    expect(await ownFiles(basePath)).toHaveLength(1);
  });

  test("to search basePath is told so, and never that nothing is there", async () => {
    const { basePath } = await tree();
    await chmod(basePath, 0o600);
    const ends = await met(basePath, { ...callsAbout("a/key"), ...listing, health: { call: "checkHealth" } });
    expect(ends).toEqual({
      ...allDenied,
      listKeys: "PermissionDenied",
      listPage: "PermissionDenied",
      below: "PermissionDenied",
      health: "PermissionDenied",
    });
  });

  test("to search a folder is told so, and never that nothing is there", async () => {
    const { basePath } = await tree();
    for (const path of ownFolders(basePath)) await chmod(path, 0o777);
    await chmod(join(basePath, "a"), 0o600);
    expect(await met(basePath, { ...callsAbout("a/key"), ...listing })).toEqual({
      ...allDenied,
      listKeys: "PermissionDenied",
      listPage: "PermissionDenied",
      below: "PermissionDenied",
    });
    await chmod(join(basePath, "a"), 0o711);
    expect(await met(basePath, { ...listing, exists: { call: "exists", parameters: ["a/key"] } })).toEqual({
      listKeys: "PermissionDenied",
      listPage: "PermissionDenied",
      below: "PermissionDenied",
      exists: true,
    });
  });

  test("to read a file is told so, and sees that it is there", async () => {
    const { basePath } = await tree();
    for (const key of ["a/key", "plain"]) {
      await chmod(join(basePath, key), 0o600);
      const { get, open, exists, copy } = callsAbout(key);
      expect(
        await met(basePath, { ...(get && { get }), ...(open && { open }), ...(exists && { exists }) }),
      ).toEqual({
        get: "PermissionDenied",
        open: "PermissionDenied",
        exists: true,
      });
      expect(await met(basePath, { ...(copy && { copy }) })).toEqual({ copy: "PermissionDenied" });
    }
  });

  test("to read our own folder gets objects that need nothing of it, and no wrong metadata of others", async () => {
    const { basePath } = await tree();
    await chmod(join(basePath, ".storage"), 0o700);
    const ends = await met(basePath, {
      plain: { call: "get", parameters: ["plain"] },
      get: { call: "get", parameters: ["a/key"] },
      exists: { call: "exists", parameters: ["a/key"] },
      getMetadata: { call: "getMetadata", parameters: ["a/key"] },
      put: { call: "put", parameters: ["new", "new"] },
      listKeys: { call: "listKeys" },
    });
    expect(ends).toEqual({
      plain: "plain",
      get: "PermissionDenied",
      exists: "PermissionDenied",
      getMetadata: "PermissionDenied",
      put: "PermissionDenied",
      listKeys: ["a/key", "plain"],
    });
  });

  test("to remove another user's file from a folder that all may write is told so (EPERM)", async () => {
    const { basePath, backend } = await tree();
    for (const path of ownFolders(basePath)) await chmod(path, 0o1777);
    const ends = await met(basePath, {
      delete: { call: "delete", parameters: ["plain"] },
      put: { call: "put", parameters: ["plain", "new", { metadata: { of: "new" } }] },
      move: { call: "move", parameters: ["plain", "moved"] },
      own: { call: "put", parameters: ["own", "own", { metadata: { of: "own" } }] },
      ownAgain: { call: "put", parameters: ["own", "own again", { ifMatch: "other" }] },
      ownDelete: { call: "delete", parameters: ["own"] },
    });
    expect(ends).toMatchObject({
      delete: "PermissionDenied",
      put: "PermissionDenied",
      move: "PermissionDenied",
      own: { size: 3 },
      ownAgain: "PreconditionFailed",
      ownDelete: true,
    });
    expect(await shown(backend, "plain")).toMatchObject({ body: "plain", metadata: {} });
    expect(await ownFiles(basePath)).toHaveLength(1);
  });

  test("to make basePath is told so", async () => {
    const folder = await temporaryFolder();
    await chmod(folder, 0o755);
    const ends = await met(join(folder, "not", "there"), {
      put: { call: "put", parameters: ["key", "body"] },
      health: { call: "checkHealth" },
      exists: { call: "exists", parameters: ["key"] },
    });
    expect(ends).toEqual({ put: "PermissionDenied", health: "PermissionDenied", exists: false });
  });

  test("to read a folder cannot have it synced, and writes in it where that is not asked for", async () => {
    const { basePath, backend } = await tree();
    for (const path of ownFolders(basePath)) await chmod(path, 0o777);
    await mkdir(join(basePath, "drop"));
    await chown(join(basePath, "drop"), nobody, nobody);
    await chmod(join(basePath, "drop"), 0o300);
    const put: Attempt = { call: "put", parameters: ["drop/key", "body", described] };
    expect(await met(basePath, { put })).toEqual({ put: "PermissionDenied" });
    expect(await backend.exists("drop/key")).toBe(false);
    const options = { basePath, durability: "none" };
    const { ends } = await attempts({ options, calls: [put], uid: nobody });
    expect(ends).toMatchObject([{ value: { size: 4 } }]);
    expect(await shown(backend, "drop/key")).toEqual({ body: "body", ...described });
  });
});

describe("the permissions of new files", { timeout: 60_000 }, () => {
  interface Modes {
    readonly file: number;
    readonly folder: number;
    readonly sidecar: number;
    readonly own: number;
  }

  async function modesOf(basePath: string): Promise<Modes> {
    const mode = async (...path: string[]): Promise<number> =>
      (await stat(join(basePath, ...path))).mode & 0o777;
    const [sidecar = ""] = await ownFiles(basePath, "meta");
    return {
      file: await mode("a/key"),
      folder: await mode("a"),
      sidecar: await mode(".storage", sidecar),
      own: await mode(".storage/tmp"),
    };
  }

  test.each(
    [
      { umask: 0o022, mode: undefined, file: 0o644, folder: 0o755 },
      { umask: 0o077, mode: undefined, file: 0o600, folder: 0o700 },
      { umask: 0o002, mode: undefined, file: 0o664, folder: 0o775 },
      { umask: 0o022, mode: 0o600, file: 0o600, folder: 0o700 },
      { umask: 0o000, mode: 0o640, file: 0o640, folder: 0o750 },
      { umask: 0o077, mode: 0o644, file: 0o600, folder: 0o700 },
    ].map((given) => ({
      name: `under umask ${given.umask.toString(8)} are ${given.file.toString(8)} (mode ${given.mode?.toString(8)})`,
      ...given,
    })),
  )("$name", async (given) => {
    const { umask, mode, file, folder } = given;
    const basePath = join(await temporaryFolder(), "base");
    const calls: Attempt[] = [
      { call: "put", parameters: ["a/key", "body", described] },
      { call: "copy", parameters: ["a/key", "a/copy"] },
      { call: "put", parameters: ["a/new", "body", { ifNoneMatch: "*" }] },
      { call: "put", parameters: ["a/stream"], streamOf: 600_000 },
      { call: "move", parameters: ["a/copy", "a/moved"] },
    ];
    const { ends } = await attempts({
      options: { basePath, ...(mode !== undefined && { mode }) },
      calls,
      umask,
    });
    for (const end of ends) expect(end).toHaveProperty("value");
    expect(await modesOf(basePath)).toEqual({ file, folder, sidecar: file, own: folder });
    for (const key of ["a/new", "a/stream", "a/moved"]) {
      expect((await stat(join(basePath, key))).mode & 0o777).toBe(file);
    }
    expect((await stat(basePath)).mode & 0o777).toBe(folder);
  });

  test("are those of a file that is not there yet, from its first moment on", async () => {
    const basePath = await temporaryFolder();
    const backend = new LocalBackend({ basePath, secret, mode: 0o600 });
    const seen: number[] = [];
    async function* watched(): AsyncGenerator<Uint8Array> {
      for (let left = 3; left > 0; left--) {
        yield new Uint8Array(600_000);
        for (const name of await ownFiles(basePath, "tmp")) {
          seen.push((await stat(join(basePath, ".storage", name))).mode & 0o777);
        }
      }
    }
    await backend.put("key", watched(), described);
    expect(seen.length).toBeGreaterThan(0);
    expect(new Set(seen)).toEqual(new Set([0o600]));
  });

  test("of a copy are not those of a file that another program made", async () => {
    const basePath = await temporaryFolder();
    await writeFile(join(basePath, "foreign"), "foreign", { mode: 0o644 });
    const backend = new LocalBackend({ basePath, secret, mode: 0o600 });
    await backend.copy("foreign", "copy");
    expect((await stat(join(basePath, "copy"))).mode & 0o777).toBe(0o600);
  });
});
