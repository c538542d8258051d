import type { Limits } from "./storage-backend.ts";
import { InvalidKeyError } from "./storage-errors.ts";

/** Bytes of UTF-8, the same on every backend: AWS S3's own limit, and what a directory entry can hold. */
const keyBytes = 1024;
const segmentBytes = 255;

/** Keys of the common kind need none of the slower checks. */
const plainKey = /^[A-Za-z0-9_-][A-Za-z0-9_.-]*(?:\/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*$/;
const controlCharacter = /\p{Cc}/u;

/**
 * Refuses what is no key: see "Keys" in the documentation of this package.
 *
 * @throws InvalidKeyError whose `reason` says what is wrong.
 */
export function validateKey(key: string): void {
  if (typeof key === "string" && key.length <= segmentBytes && plainKey.test(key)) return;
  if (key === "") throw invalid(key, "a key has at least one character");
  validateText(key, "key");
  if (key.endsWith("/")) throw invalid(key, "a key does not end in a slash: a folder is no object");
  validateSegments(key, key.split("/"));
}

/** The rules of keys, and the narrower ones of a backend. @throws InvalidKeyError */
export function checkKey({ keyBytes, segmentBytes }: Limits, key: unknown): void {
  validateKey(key as string);
  const text = key as string;
  if (text.length * 3 <= Math.min(keyBytes, segmentBytes)) return;
  const longest = Math.max(...text.split("/").map(utf8Length));
  if (utf8Length(text) <= keyBytes && longest <= segmentBytes) return;
  throw invalid(text, `at most ${keyBytes} bytes are held here, and ${segmentBytes} between slashes`);
}

/**
 * The rules of a key for `prefix` and `startAfter`, which may also be empty, end in a slash, or end
 * inside a segment: `..` is the beginning of the legal key `..a`, while `../` is not of any.
 *
 * @throws InvalidKeyError whose `reason` says what is wrong.
 */
export function validatePrefix(prefix: string): void {
  if (prefix === "") return;
  validateText(prefix, "prefix");
  const segments = prefix.split("/");
  const unfinished = segments.pop() ?? "";
  if (utf8Length(unfinished) > segmentBytes) throw tooLongSegment(prefix);
  validateSegments(prefix, segments);
}

function validateText(key: string, what: "key" | "prefix"): void {
  if (typeof key !== "string") throw invalid(String(key), `a ${what} is a string, not ${typeof key}`);
  if (controlCharacter.test(key)) throw invalid(key, "control characters are not allowed");
  if (key.includes("\\")) throw invalid(key, "a backslash is not allowed: segments are split by /");
  if (key.startsWith("/")) throw invalid(key, `a ${what} does not start with a slash`);
  if (!key.isWellFormed()) throw invalid(key, "half of a surrogate pair is not a character");
  const length = utf8Length(key);
  if (length > keyBytes) throw invalid(key, `${length} bytes of UTF-8, and at most ${keyBytes} are allowed`);
}

function validateSegments(key: string, segments: readonly string[]): void {
  for (const segment of segments) {
    if (segment === "") throw invalid(key, "an empty segment (two slashes in a row) is not allowed");
    if (segment === "." || segment === "..") throw invalid(key, `a segment "${segment}" is not allowed`);
    if (utf8Length(segment) > segmentBytes) throw tooLongSegment(key);
  }
  if (segments[0] !== undefined && isReserved(segments[0])) {
    throw invalid(key, "the first segment .storage is reserved, in any spelling");
  }
}

/** Spellings that some file system takes for `.storage`: compatibility forms, other cases, invisible characters. */
function isReserved(segment: string): boolean {
  const visible = segment.normalize("NFKC").replace(/\p{Default_Ignorable_Code_Point}/gu, "");
  return visible.toUpperCase().toLowerCase().normalize("NFKC") === ".storage";
}

function tooLongSegment(key: string): InvalidKeyError {
  return invalid(key, `a segment between slashes has at most ${segmentBytes} bytes of UTF-8`);
}

function invalid(key: string, reason: string): InvalidKeyError {
  return new InvalidKeyError(reason, { key });
}

/** The length in bytes of UTF-8 of a well-formed string, without encoding it. */
export function utf8Length(text: string): number {
  let length = text.length;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit > 0x7f) length += unit > 0x7ff && (unit < 0xd800 || unit > 0xdfff) ? 2 : 1;
  }
  return length;
}

/** Ascending order of UTF-8 bytes, which is that of code points; `<` on strings is not, past U+FFFF. */
export function compareKeys(a: string, b: string): number {
  const shared = Math.min(a.length, b.length);
  for (let index = 0; index < shared; index++) {
    const difference = codeUnitRank(a.charCodeAt(index)) - codeUnitRank(b.charCodeAt(index));
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** UTF-16 puts surrogates below U+E000 to U+FFFF, UTF-8 above them. */
function codeUnitRank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
