import { FileStorage } from "@flystorage/file-storage";
import { LocalStorageAdapter } from "@flystorage/local-fs";
import { mapped } from "../in-flight.ts";
import type { Folder, Store } from "../store.ts";

export async function openStore({ folder }: Folder): Promise<Store> {
  const storage = new FileStorage(new LocalStorageAdapter(folder));
  const paths = async (): Promise<string[]> => {
    const found: string[] = [];
    for await (const entry of storage.list("", { deep: true })) if (entry.isFile) found.push(entry.path);
    return found;
  };
  // Its listing has neither size nor date, pages nor order: all of them, and a stat each.
  const found = (some: readonly string[]): Promise<unknown[]> => mapped(some, (path) => storage.stat(path));
  const firstNames = async (limit: number): Promise<string[]> => (await paths()).sort().slice(0, limit);
  return {
    // It takes a plain Uint8Array for an iterable of numbers.
    put: (key, { buffer, byteOffset, length }) => storage.write(key, Buffer.from(buffer, byteOffset, length)),
    get: (key) => storage.readToUint8Array(key),
    streams: {
      put: (key, source) => storage.write(key, source),
      get: (key) => storage.read(key),
    },
    entries: async () => await found(await paths()),
    lists: {
      names: paths,
      firstNames,
      firstEntries: async (limit) => await found(await firstNames(limit)),
    },
  };
}
