import type { Durability, Folder, Stores } from "../store.ts";

export const raw = "node:fs";
export const ours = "LocalBackend";

const durableStores: Stores<Folder> = {
  [raw]: async (place) => (await import("./raw.ts")).openStore(place),
  [ours]: async (place) => (await import("./ours.ts")).openStore(place),
};

export const localStores: Stores<Folder> = {
  ...durableStores,
  "files-sdk": async (place) => (await import("./files-sdk.ts")).openStore(place),
  flystorage: async (place) => (await import("./flystorage.ts")).openStore(place),
  flydrive: async (place) => (await import("./flydrive.ts")).openStore(place),
  unstorage: async (place) => (await import("./unstorage.ts")).openStore(place),
};

/** None of the peers has a way to ask for an fsync. */
export function storesFor(durability: Durability): Stores<Folder> {
  return durability === "fsync" ? durableStores : localStores;
}
