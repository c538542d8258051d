import { createStorage } from "unstorage";
import memoryDriver from "unstorage/drivers/memory";
import type { Store } from "../store.ts";

export async function openStore(): Promise<Store> {
  const storage = createStorage({ driver: memoryDriver() });
  return {
    put: (key, bytes) => storage.setItemRaw(key, bytes),
    get: async (key) => (await storage.getItemRaw<Uint8Array>(key)) ?? new Uint8Array(),
  };
}
