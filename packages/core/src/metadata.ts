import { InvalidArgumentError } from "./storage-errors.ts";
import { utf8Length } from "./validate-key.ts";

const nameForm = /^[a-z0-9_-]+$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused.
const controlCharacter = /[\u0000-\u001f\u007f-\u009f]/;
const printableAscii = /^[\u0020-\u007e]*$/;
const outerBlank = /^ | $/;

/** RFC 2047's encoded word, of any length: readable by other tools, which is why it is no form of our own. */
const wordStart = "=?UTF-8?B?";
const word = /^=\?UTF-8\?B\?([A-Za-z0-9+/]*={0,2})\?=$/;

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
    if (!nameForm.test(name)) {
      throw new InvalidArgumentError(`metadata name ${JSON.stringify(given)}: use letters, digits, _ and -`);
    }
    if (checked.has(name))
      throw new InvalidArgumentError(`metadata name "${name}" is given twice, in different cases`);
    const text = textOf(name, value);
    checked.set(name, text);
    bytes += name.length + encodeMetadata(text).length;
  }
  if (bytes > limit) {
    throw new InvalidArgumentError(`metadata of ${bytes} bytes as encoded, and at most ${limit} are allowed`);
  }
  return Object.fromEntries(checked);
}

function textOf(name: string, value: unknown): string {
  const simple = typeof value === "string" || typeof value === "boolean" || Number.isFinite(value);
  if (!simple) throw new InvalidArgumentError(`metadata "${name}" is a string, a finite number or a boolean`);
  const text = String(value);
  if (controlCharacter.test(text))
    throw new InvalidArgumentError(`metadata "${name}" holds a control character`);
  if (!text.isWellFormed())
    throw new InvalidArgumentError(`metadata "${name}" holds half of a surrogate pair`);
  return text;
}

/**
 * A metadata value in printable ASCII, for a service that wants that: as it is where it can be, else
 * as an encoded word of RFC 2047. `decodeMetadata` is its inverse.
 */
export function encodeMetadata(value: string): string {
  if (printableAscii.test(value) && !outerBlank.test(value) && !value.startsWith("=?")) return value;
  const bytes = new TextEncoder().encode(value);
  return `${wordStart}${btoa(String.fromCharCode(...bytes))}?=`;
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

/** @throws InvalidArgumentError for what could not stand in an HTTP header as it is (RFC 9110, 5.5). */
export function checkHeader(name: string, value: string): string {
  if (value !== "" && printableAscii.test(value) && !outerBlank.test(value)) return value;
  const advice = utf8Length(value) === value.length ? "" : "; contentDisposition(filename) encodes names";
  throw new InvalidArgumentError(`${name} is printable ASCII without blanks at its ends${advice}`);
}
