import { FileStorage } from "@flystorage/file-storage";
import { InMemoryStorageAdapter } from "@flystorage/in-memory";
import type { Store } from "../store.ts";

export async function openStore(): Promise<Store> {
  const storage = new FileStorage(new InMemoryStorageAdapter());
  return {
    // It takes a plain Uint8Array for an iterable of numbers.
    put: (key, { buffer, byteOffset, length }) => storage.write(key, Buffer.from(buffer, byteOffset, length)),
    get: (key) => storage.readToUint8Array(key),
  };
}
