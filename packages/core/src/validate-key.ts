import { widestLimits } from "./features.ts";
import type { Limits } from "./storage-backend.ts";
import { InvalidKeyError } from "./storage-errors.ts";

/** Keys of the common kind need none of the slower checks. */
const plainKey = /^[\w-][\w.-]*(?:\/[\w-][\w.-]*)*$/;

const refused: readonly (readonly [form: RegExp, reason: string])[] = [
  [/[\p{Cc}\p{Cs}\\]/u, "control characters, backslashes and lone surrogates are not allowed"],
  [/(^|\/)\.{0,2}(\/|$)/, 'no segment between slashes is empty, "." or ".."'],
];

/**
 * Refuses what is no key: see "Keys" in the documentation of this package.
 *
 * @throws InvalidKeyError whose `reason` says what is wrong.
 */
export function validateKey(key: string): void {
  checkKey(widestLimits, key);
}

/** The rules of keys, within the limits of a backend. @throws InvalidKeyError */
export function checkKey(limits: Limits, key: unknown): void {
  const problem = problemOf(key, limits);
  if (problem) throw new InvalidKeyError(problem, { key: String(key) });
}

/** What any service might hold, for calls that only meet what is there already. @throws InvalidKeyError */
export function checkForeignKey({ keyBytes }: Limits, key: unknown): void {
  const isAny = typeof key === "string" && key !== "" && !/\p{Cs}/u.test(key) && utf8Length(key) <= keyBytes;
  if (!isAny) throw new InvalidKeyError(`a key is text of 1 to ${keyBytes} bytes`, { key: String(key) });
}

/**
 * The rules of a key for `prefix` and `startAfter`, which may also be empty, end in a slash, or end
 * inside a segment: `..` is the beginning of the legal key `..a`, while `../` is not of any.
 *
 * @throws InvalidKeyError whose `reason` says what is wrong.
 */
export function validatePrefix(prefix: string): void {
  if (problemOf(prefix) === undefined) return;
  const problem = problemOf(typeof prefix === "string" ? `${prefix}x` : prefix);
  if (problem) throw new InvalidKeyError(problem, { key: String(prefix) });
}

function problemOf(key: unknown, { keyBytes, segmentBytes }: Limits = widestLimits): string | undefined {
  if (typeof key !== "string") return `the key is a ${typeof key}, not a string`;
  if (key.length <= Math.min(keyBytes, segmentBytes) && plainKey.test(key)) return undefined;
  for (const [form, reason] of refused) if (form.test(key)) return reason;
  const segments = key.split("/");
  if (utf8Length(key) > keyBytes || segments.some((segment) => utf8Length(segment) > segmentBytes))
    return `the key has more than ${keyBytes} bytes, or ${segmentBytes} between slashes`;
  return isReserved(segments[0] ?? "") ? "the folder .storage is reserved" : undefined;
}

/** Spellings that some file system takes for `.storage`: compatibility forms, other cases, invisible characters. */
function isReserved(segment: string): boolean {
  const visible = segment.normalize("NFKC").replace(/\p{Default_Ignorable_Code_Point}/gu, "");
  return visible.toUpperCase().toLowerCase().normalize("NFKC") === ".storage";
}

/** The length in bytes of UTF-8. */
export function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** Ascending order of UTF-8 bytes, which is that of code points; `<` on strings is not, past U+FFFF. */
export function compareKeys(a: string, b: string): number {
  let index = 0;
  while (index < a.length && a.charCodeAt(index) === b.charCodeAt(index)) index++;
  return (a.codePointAt(index) ?? -1) - (b.codePointAt(index) ?? -1);
}
