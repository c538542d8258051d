import type { Folder, Stores } from "../store.ts";

export const raw = "Map";
export const ours = "MemoryBackend";

/** flydrive stores nothing in memory. */
export const memoryStores: Stores<Folder> = {
  [raw]: async () => (await import("./map.ts")).openStore(),
  [ours]: async () => (await import("./ours.ts")).openStore(),
  "files-sdk": async () => (await import("./files-sdk.ts")).openStore(),
  flystorage: async () => (await import("./flystorage.ts")).openStore(),
  unstorage: async () => (await import("./unstorage.ts")).openStore(),
};
