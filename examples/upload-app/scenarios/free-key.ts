import type { StorageBackend } from "@storage/core";

/**
 * A key under which nothing is stored yet: "photo.jpg", or "photo (2).jpg" when that is taken. Somebody else
 * may take it before we write: where that matters, write with `ifNoneMatch: "*"`.
 */
export async function freeKey(storage: StorageBackend, name: string): Promise<string> {
  const [, stem = name, extension = ""] = /^(.+?)((?:\.tar)?\.[^. ]{1,12})$/su.exec(name) ?? [];
  let key = name;
  for (let number = 2; await storage.exists(key); number++) key = `${stem} (${number})${extension}`;
  return key;
}
