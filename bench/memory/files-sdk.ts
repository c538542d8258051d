import { Files } from "files-sdk";
import { memory } from "files-sdk/memory";
import type { Store } from "../store.ts";

export async function openStore(): Promise<Store> {
  const files = new Files({ adapter: memory() });
  return {
    put: (key, bytes) => files.upload(key, bytes),
    get: async (key) => new Uint8Array(await (await files.download(key)).arrayBuffer()),
  };
}
