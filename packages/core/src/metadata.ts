import { quoted } from "./storage-error.ts";
import { InvalidArgumentError } from "./storage-errors.ts";

const nameForm = /^[\w-]+$/;
/** Control characters, and halves of surrogate pairs. */
const unsafe = /[\p{Cc}\p{Cs}]/u;
/** Printable ASCII without outer blanks. */
export const isPlain = (value: string): boolean => /^(?! )[ -~]*(?<! )$/.test(value);

/** RFC 2047's encoded word, of any length: readable by other tools, which is why it is no form of our own. */
const word = /^=\?UTF-8\?B\?([\w+/]*={0,2})\?=$/;

/**
 * The caller's pairs as they are stored: names in lower case, values as strings.
 *
 * @throws InvalidArgumentError for a name or value that could not come back as it was, and for more
 * than `limit` bytes of names and values as encoded.
 */
export function checkMetadata(
  pairs: Readonly<Record<string, string | number | boolean>>,
  limit: number,
): Record<string, string> {
  const checked = new Map<string, string>();
  let bytes = 0;
  for (const [given, value] of Object.entries(pairs)) {
    const name = given.toLowerCase();
    const isSimple = /string|boolean/.test(typeof value) || Number.isFinite(value);
    const text = isSimple ? String(value) : "\0";
    if (!nameForm.test(given) || checked.has(name) || unsafe.test(text)) {
      throw new InvalidArgumentError(
        `metadata ${quoted(given)}: names are of a-z, 0-9, _ and -, once; values are text`,
      );
    }
    checked.set(name, text);
    bytes += name.length + encodeMetadata(text).length;
  }
  if (bytes <= limit) return Object.fromEntries(checked);
  throw new InvalidArgumentError(`the metadata has more than ${limit} bytes as encoded`);
}

/**
 * A metadata value in printable ASCII, for a service that wants that: as it is where it can be, else
 * as an encoded word of RFC 2047. `decodeMetadata` is its inverse.
 */
export function encodeMetadata(value: string): string {
  if (isPlain(value) && !value.startsWith("=?")) return value;
  const characters = Array.from(new TextEncoder().encode(value), (byte) => String.fromCharCode(byte));
  return `=?UTF-8?B?${btoa(characters.join(""))}?=`;
}

/** The value that `encodeMetadata` was given; what somebody else wrote comes back as it is. */
export function decodeMetadata(stored: string): string {
  const encoded = word.exec(stored)?.[1];
  if (encoded === undefined) return stored;
  try {
    const bytes = Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0));
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return stored;
  }
}
