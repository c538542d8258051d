import { type StorageBackend, validateKey } from "@storage/core";

/** Bytes of a name, which leaves room for a number in the 255 that a file name has. */
const longestName = 240;

/** A key under which nothing is stored yet: "photo.jpg", or "photo (2).jpg" when that is taken. */
export async function freeKey(backend: StorageBackend, name: string): Promise<string> {
  const { stem, extension } = split(safeName(name));
  let key = stem + extension;
  for (let number = 2; await backend.exists(key); number++) key = `${stem} (${number})${extension}`;
  return key;
}

/** The name without what no key may hold: folders, control characters. All other writing stays as it is. */
export function safeName(name: string): string {
  const last = name.toWellFormed().split(/[/\\]/).at(-1) ?? "";
  const clean = last
    .replace(/\p{Cc}/gu, "")
    .normalize("NFC")
    .trim();
  return shortened(isKey(clean) ? clean : `file ${clean}`.trim());
}

function isKey(name: string): boolean {
  try {
    validateKey(shortened(name));
    return true;
  } catch {
    return false;
  }
}

function shortened(name: string): string {
  const { stem, extension } = split(name);
  const characters = [...stem];
  while (Buffer.byteLength(characters.join("") + extension) > longestName) characters.pop();
  return characters.join("") + extension;
}

function split(name: string): { stem: string; extension: string } {
  const [, stem = name, extension = ""] = /^(.+?)((?:\.tar)?\.[^. ]{1,12})$/su.exec(name) ?? [];
  return { stem, extension };
}
