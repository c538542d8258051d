import { MemoryBackend } from "@storage/memory";
import type { Store } from "../store.ts";

export async function openStore(): Promise<Store> {
  const backend = new MemoryBackend({ secret: "a secret for the bench" });
  return {
    put: (key, bytes) => backend.put(key, bytes),
    get: (key) => backend.get(key),
  };
}
