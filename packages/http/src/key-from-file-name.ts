import { utf8Length, validateKey } from "@storage/core";

/** Bytes of a name, which leaves room for a number in the 255 that a segment of a key has. */
const longestName = 240;

/**
 * A key of one segment for a file name from somewhere else: the last part of a path, without control
 * characters and blanks around it, its Unicode composed (NFC), at most 240 bytes of which the
 * extension is kept. What could be no key is put behind "file": "..", ".storage", the empty name.
 * All else stays as it is, in every script. The same name gives the same key, so put a folder of its
 * own before it, or a condition on the put, where two uploads may not meet.
 */
export function keyFromFileName(name: string): string {
  const last = name.toWellFormed().split(/[/\\]/).at(-1) ?? "";
  const clean = last
    .replace(/\p{Cc}/gu, "")
    .normalize("NFC")
    .trim();
  const key = shortened(clean);
  return isKey(key) ? key : shortened(`file ${clean}`.trim());
}

function isKey(name: string): boolean {
  try {
    validateKey(name);
    return true;
  } catch {
    return false;
  }
}

function shortened(name: string): string {
  if (utf8Length(name) <= longestName) return name;
  const [, stem = name, extension = ""] = /^(.+?)((?:\.tar)?\.[^. ]{1,12})$/su.exec(name) ?? [];
  const room = longestName - utf8Length(extension);
  const characters = Array.from(graphemes(stem, room), ({ segment }) => segment);
  // One "character" may be hundreds of marks long.
  return (fitting(characters, room) || fitting([...stem.slice(0, room)], room)).trimEnd() + extension;
}

const graphemes = (text: string, room: number): Intl.Segments =>
  new Intl.Segmenter().segment(text.slice(0, 2 * room));

function fitting(characters: readonly string[], room: number): string {
  let text = "";
  for (const character of characters) {
    if (utf8Length(text + character) > room) break;
    text += character;
  }
  return text;
}
