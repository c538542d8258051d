import type { StorageBackend } from "@storage/core";
import { bytesOf } from "./samples.ts";

/** One method of a backend, for cases that are about every one of them. */
export interface Method {
  /** As a sentence begins: "put", "copy from". */
  readonly name: string;
  readonly call: (backend: StorageBackend, key: string, options: object) => Promise<unknown>;
}

/** Every method that takes a key, and both places of those that take two. */
export const keyedMethods: readonly Method[] = [
  { name: "put", call: (backend, key, options) => backend.put(key, bytesOf("x"), options) },
  { name: "get", call: (backend, key, options) => backend.get(key, options) },
  { name: "open", call: (backend, key, options) => backend.open(key, options) },
  { name: "delete", call: (backend, key, options) => backend.delete(key, options) },
  { name: "exists", call: (backend, key, options) => backend.exists(key, options) },
  { name: "getMetadata", call: (backend, key, options) => backend.getMetadata(key, options) },
  { name: "copy from", call: (backend, key, options) => backend.copy(key, "other", options) },
  { name: "copy to", call: (backend, key, options) => backend.copy("other", key, options) },
  { name: "move from", call: (backend, key, options) => backend.move(key, "other", options) },
  { name: "move to", call: (backend, key, options) => backend.move("other", key, options) },
  { name: "getUrl", call: (backend, key, options) => backend.getUrl(key, options) },
  { name: "getUploadUrl", call: (backend, key, options) => backend.getUploadUrl(key, options) },
];

async function firstOf(entries: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of entries) return;
}

/** Every other method. */
export const otherMethods: readonly Method[] = [
  { name: "deleteMany", call: (backend, key, options) => backend.deleteMany([key], options) },
  { name: "listKeys", call: (backend, _, options) => backend.listKeys(options) },
  { name: "listPage", call: (backend, _, options) => backend.listPage(options) },
  { name: "list", call: (backend, _, options) => firstOf(backend.list(options)) },
  { name: "checkHealth", call: (backend, _, options) => backend.checkHealth(options) },
  { name: "sweep", call: (backend, _, options) => backend.sweep(options) },
];
