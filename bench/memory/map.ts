import type { Store } from "../store.ts";

/** A `Map` with a copy each way: the least that a store in memory can do. */
export async function openStore(): Promise<Store> {
  const map = new Map<string, Uint8Array>();
  return {
    put: async (key, bytes) => map.set(key, new Uint8Array(bytes)),
    get: async (key) => new Uint8Array(map.get(key) ?? []),
  };
}
