import { createReadStream, createWriteStream } from "node:fs";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { mapped } from "../in-flight.ts";
import type { Folder, Store } from "../store.ts";

/** `node:fs` as one would call it by hand: nothing is checked, nothing is atomic, nothing stands beside the bytes. */
export async function openStore({ folder, durability }: Folder): Promise<Store> {
  // What a put with fsync is measured against waits for the disk too; not for the folder's own entry, as we do.
  const flush = durability === "fsync";
  const put = (key: string, bytes: Uint8Array): Promise<void> =>
    writeFile(`${folder}/${key}`, bytes, { flush });
  const names = (): Promise<string[]> => readdir(folder, { recursive: true });
  const found = (some: readonly string[]): Promise<unknown[]> =>
    mapped(some, (name) => stat(`${folder}/${name}`));
  const firstNames = async (limit: number): Promise<string[]> => (await names()).sort().slice(0, limit);
  return {
    put,
    get: (key) => readFile(`${folder}/${key}`),
    described: {
      put,
      get: async (key) => ({ bytes: await readFile(`${folder}/${key}`), author: undefined }),
    },
    streams: {
      put: (key, source) => pipeline(source, createWriteStream(`${folder}/${key}`, { flush })),
      get: async (key) => createReadStream(`${folder}/${key}`),
    },
    entries: async () => await found(await names()),
    lists: {
      names,
      firstNames,
      firstEntries: async (limit) => await found(await firstNames(limit)),
    },
  };
}
