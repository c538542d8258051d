import { Disk } from "flydrive";
import { FSDriver } from "flydrive/drivers/fs";
import { mapped } from "../in-flight.ts";
import type { Folder, Store } from "../store.ts";

export async function openStore({ folder }: Folder): Promise<Store> {
  const disk = new Disk(new FSDriver({ location: folder, visibility: "private" }));
  const keys = async (): Promise<string[]> => {
    const { objects } = await disk.listAll("", { recursive: true });
    return Array.from(objects).flatMap((object) => (object.isFile ? [object.key] : []));
  };
  // Its listing has neither size nor date, pages nor order on this driver: all of them, and a stat each.
  const found = (some: readonly string[]): Promise<unknown[]> => mapped(some, (key) => disk.getMetaData(key));
  const firstNames = async (limit: number): Promise<string[]> => (await keys()).sort().slice(0, limit);
  return {
    put: (key, bytes) => disk.put(key, bytes),
    get: (key) => disk.getBytes(key),
    streams: {
      put: (key, source) => disk.putStream(key, source),
      get: (key) => disk.getStream(key),
    },
    entries: async () => await found(await keys()),
    lists: {
      names: keys,
      firstNames,
      firstEntries: async (limit) => await found(await firstNames(limit)),
    },
  };
}
