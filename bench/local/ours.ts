import type { ListEntry } from "@storage/core";
import { LocalBackend } from "@storage/local";
import type { Folder, Store } from "../store.ts";

export async function openStore({ folder, durability }: Folder): Promise<Store> {
  const backend = new LocalBackend({ basePath: folder, durability, secret: "a secret for the bench" });
  return {
    put: (key, bytes) => backend.put(key, bytes),
    get: (key) => backend.get(key),
    described: {
      put: (key, bytes, metadata) => backend.put(key, bytes, { metadata }),
      async get(key) {
        const object = await backend.open(key);
        return { bytes: await object.bytes(), author: object.metadata.author };
      },
    },
    streams: {
      put: (key, source) => backend.put(key, source),
      get: async (key) => (await backend.open(key)).body,
    },
    async entries() {
      const entries: ListEntry[] = [];
      for await (const entry of backend.list()) entries.push(entry);
      return entries;
    },
    lists: {
      names: () => backend.listKeys({ limit: Number.MAX_SAFE_INTEGER }),
      firstNames: (limit) => backend.listKeys({ limit }),
      firstEntries: async (limit) => (await backend.listPage({ limit })).entries,
    },
  };
}
