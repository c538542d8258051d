import { validateKey } from "@storage/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { keyFromFileName } from "../src/index.ts";

const byteLength = (text: string): number => Buffer.byteLength(text);

describe("a file name becomes a key:", () => {
  test.each([
    ["photo.jpg", "photo.jpg"],
    ["Grüße & mehr (2).pdf", "Grüße & mehr (2).pdf"],
    ["日本の写真 😀.png", "日本の写真 😀.png"],
    [".env", ".env"],
    ["a..b", "a..b"],
    ["../../etc/passwd", "passwd"],
    ["C:\\Users\\me\\a.txt", "a.txt"],
    ["a\u0000\r\n\u0085b.txt", "ab.txt"],
    ["  a.txt \t", "a.txt"],
    ["u\u0308.txt", "ü.txt"],
    ["", "file"],
    ["   ", "file"],
    ["folder/", "file"],
    [".", "file ."],
    ["..", "file .."],
    [".storage", "file .storage"],
    [".STORAGE", "file .STORAGE"],
    ["a\ud800.txt", "a\ufffd.txt"],
  ])("%j is %j", (name, key) => {
    expect(keyFromFileName(name)).toBe(key);
  });

  test.each([
    ["letters", "a".repeat(1000), ".jpg"],
    ["pictograms of several characters", "👩‍👩‍👧‍👦".repeat(100), ".png"],
    ["letters with marks", "e\u0323\u0301".repeat(300), ".tar.gz"],
    ["nothing but marks", "\u0301".repeat(1000), ".jpg"],
  ])("a long one of %s keeps its extension, and no letter is cut in two", (_what, stem, extension) => {
    const key = keyFromFileName(stem + extension);
    expect(byteLength(key)).toBeLessThanOrEqual(240);
    expect(byteLength(key)).toBeGreaterThan(200);
    expect(key.endsWith(extension)).toBe(true);
    const kept = key.slice(0, -extension.length);
    const [first = ""] = Array.from(new Intl.Segmenter().segment(kept), ({ segment }) => segment);
    expect(kept.startsWith(first.repeat(2)) || first === kept).toBe(true);
    expect(stem.normalize("NFC").startsWith(kept)).toBe(true);
    expect(kept.length % (first === kept ? 1 : first.length)).toBe(0);
  });
});

test("a long one is not cut to end in a blank", () => {
  expect(keyFromFileName(`${"a".repeat(239)} ${"b".repeat(20)}`)).toBe("a".repeat(239));
});

const piece = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: "grapheme" }),
  fc.constantFrom(
    "/",
    "\\",
    ".",
    "..",
    " ",
    ".storage",
    "\u200b",
    "\u0301",
    "\ud800",
    "\udc00",
    ".tar.gz",
    "K",
  ),
  fc.string({ unit: "grapheme", minLength: 50, maxLength: 300 }),
  fc.constantFrom("a", "é", "日", "😀").map((character) => character.repeat(239)),
);
const names = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(""));

test("every name gives a key, of one segment and at most 240 bytes", () => {
  fc.assert(
    fc.property(names, (name) => {
      const key = keyFromFileName(name);
      validateKey(key);
      expect(key).not.toContain("/");
      expect(byteLength(key)).toBeLessThanOrEqual(240);
    }),
    { numRuns: 2000 },
  );
});

test("a name that is such a key already stays as it is", () => {
  fc.assert(
    fc.property(names, (name) => {
      const key = keyFromFileName(name);
      expect(keyFromFileName(key)).toBe(key);
    }),
    { numRuns: 2000 },
  );
});

test("an ordinary name stays as it is", () => {
  const ordinary = fc.stringMatching(
    /^[\p{L}\p{N}][\p{L}\p{N} _()&+#%,;=!~-]{0,20}[\p{L}\p{N}]\.[a-z0-9]{1,5}$/u,
  );
  fc.assert(
    fc.property(ordinary, (name) => {
      const composed = name.normalize("NFC");
      expect(keyFromFileName(composed)).toBe(composed);
    }),
  );
});
