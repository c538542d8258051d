import { createStorage } from "unstorage";
import fileSystemDriver from "unstorage/drivers/fs";
import { mapped } from "../in-flight.ts";
import type { Folder, Store } from "../store.ts";

export async function openStore({ folder }: Folder): Promise<Store> {
  const storage = createStorage({ driver: fileSystemDriver({ base: folder }) });
  const keys = (): Promise<string[]> => storage.getKeys();
  // Its listing has neither size nor date, pages nor order: all of them, and a stat each.
  const found = (some: readonly string[]): Promise<unknown[]> =>
    mapped(some, async (key) => await storage.getMeta(key));
  const firstNames = async (limit: number): Promise<string[]> => (await keys()).sort().slice(0, limit);
  const get = async (key: string): Promise<Uint8Array> =>
    (await storage.getItemRaw<Uint8Array>(key)) ?? new Uint8Array();
  return {
    put: (key, bytes) => storage.setItemRaw(key, bytes),
    get,
    described: {
      // It keeps metadata as an item of its own, by a call of its own.
      async put(key, bytes, metadata) {
        await storage.setItemRaw(key, bytes);
        await storage.setMeta(key, metadata);
      },
      async get(key) {
        const { author } = await storage.getMeta(key);
        return { bytes: await get(key), author: typeof author === "string" ? author : undefined };
      },
    },
    // Nothing is said of streams; this driver hands what it gets to `writeFile`, which takes one. It reads none.
    streams: { put: (key, source) => storage.setItemRaw(key, source) },
    entries: async () => await found(await keys()),
    lists: {
      names: keys,
      firstNames,
      firstEntries: async (limit) => await found(await firstNames(limit)),
    },
  };
}
