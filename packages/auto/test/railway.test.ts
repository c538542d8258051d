import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { easyStorage } from "@storage/auto";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { storageUnder } from "./surroundings.ts";

beforeEach(() => void vi.spyOn(process, "emitWarning").mockImplementation(() => undefined));
afterEach(() => vi.restoreAllMocks());

const outside = [expect.stringContaining("RAILWAY_VOLUME_MOUNT_PATH"), { code: "STORAGE_OUTSIDE_MOUNT" }];

/** A folder of containers, in which "data" is the mount point of the volume. */
async function container({
  isMounted = true,
} = {}): Promise<{ readonly root: string; readonly mount: string }> {
  const root = await mkdtemp(join(tmpdir(), "storage-railway-"));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const mount = join(root, "data");
  if (isMounted) await mkdir(mount);
  return { root, mount };
}

describe("Railway's volume", () => {
  test("is where files go without any other variable", async () => {
    const { mount } = await container();
    const { storage, lines } = await storageUnder({ RAILWAY_VOLUME_MOUNT_PATH: mount });
    await storage.put("a", "x");
    expect((await readdir(mount)).sort()).toEqual([".storage", "a"]);
    expect(lines).toEqual(["storage: LocalBackend since RAILWAY_VOLUME_MOUNT_PATH is set"]);
    expect(process.emitWarning).not.toHaveBeenCalled();
  });

  test("holds STORAGE_BASE_PATH, which is made in it", async () => {
    const { mount } = await container();
    const env = { RAILWAY_VOLUME_MOUNT_PATH: `${mount}/`, STORAGE_BASE_PATH: join(mount, "..up/loads") };
    const { storage } = await storageUnder(env);
    await storage.put("a", "x");
    expect((await readdir(join(mount, "..up/loads"))).sort()).toEqual([".storage", "a"]);
    expect(process.emitWarning).not.toHaveBeenCalled();
  });

  test.each(["data2", "data/../other", "."])(
    "warns of STORAGE_BASE_PATH %s, which lies outside of it",
    async (path) => {
      const { root, mount } = await container();
      const env = { RAILWAY_VOLUME_MOUNT_PATH: mount, STORAGE_BASE_PATH: `${root}/${path}` };
      const { storage } = await storageUnder(env);
      await storage.put("a", "x");
      expect(await readdir(join(root, path))).toContain("a");
      expect(await readdir(mount)).toEqual([]);
      expect(process.emitWarning).toHaveBeenCalledExactlyOnceWith(...outside);
    },
  );

  test("warns of a path relative to the folder of the process", async () => {
    await storageUnder({ RAILWAY_VOLUME_MOUNT_PATH: "/data", STORAGE_BASE_PATH: "uploads" });
    expect(process.emitWarning).toHaveBeenCalledExactlyOnceWith(...outside);
  });

  test.each(["", "uploads"])(
    "that is not mounted is unhealthy, and no empty store (STORAGE_BASE_PATH in it: %j)",
    async (folder) => {
      const { root, mount } = await container({ isMounted: false });
      const path = folder && join(mount, folder);
      const env = { RAILWAY_VOLUME_MOUNT_PATH: mount, STORAGE_BASE_PATH: path };
      const storage = await easyStorage({ env, log: () => undefined });
      const calls = [storage.checkHealth(), storage.put("a", "x"), storage.exists("a"), storage.listKeys()];
      await Promise.all(calls.map((call) => expect(call).rejects.toMatchObject({ code: "Unavailable" })));
      expect(await readdir(root)).toEqual([]);
      await mkdir(mount);
      await storage.checkHealth();
      expect(await storage.listKeys()).toEqual([]);
    },
  );
});

describe("STORAGE_BACKEND=local beside Railway's volume", () => {
  const local = { STORAGE_BACKEND: "local" };

  test.each([
    ["STORAGE_BASE_PATH outside of it", { STORAGE_BASE_PATH: "/srv/uploads" }, "the base path lies"],
    ["the default outside of it", {}, "the default of STORAGE_BASE_PATH lies"],
  ])("warns of %s", async (_, path, subject) => {
    await storageUnder({ ...local, ...path, RAILWAY_VOLUME_MOUNT_PATH: "/mnt/volume" });
    expect(process.emitWarning).toHaveBeenCalledExactlyOnceWith(expect.stringContaining(subject), outside[1]);
  });

  test("does not warn of the default in it", async () => {
    await storageUnder({ ...local, RAILWAY_VOLUME_MOUNT_PATH: "/data" });
    expect(process.emitWarning).not.toHaveBeenCalled();
  });

  test("needs the volume where STORAGE_BASE_PATH lies in it", async () => {
    const { root, mount } = await container({ isMounted: false });
    const env = { ...local, RAILWAY_VOLUME_MOUNT_PATH: mount, STORAGE_BASE_PATH: join(mount, "uploads") };
    const { storage } = await storageUnder(env);
    await expect(storage.put("a", "x")).rejects.toMatchObject({ code: "Unavailable" });
    expect(await readdir(root)).toEqual([]);
  });

  test("an option basePath is held against it too", async () => {
    const { mount } = await container();
    const settings = { env: { RAILWAY_VOLUME_MOUNT_PATH: mount }, log: () => undefined };
    await easyStorage("local", { basePath: mount }, settings);
    expect(process.emitWarning).not.toHaveBeenCalled();
    await easyStorage("local", { basePath: `${mount}2` }, settings);
    expect(process.emitWarning).toHaveBeenCalledExactlyOnceWith(...outside);
  });
});
