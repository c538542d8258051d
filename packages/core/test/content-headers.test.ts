import { contentDisposition, contentTypeOf } from "@storage/core";
import { describe, expect, test } from "vitest";
import { fixtures, keys } from "./conformance-data.ts";

const names = [...Object.values(fixtures.filenames).flat(), ...keys.legal, "\ud800", "é'()*", "​", "a\u0301"];

/** As a browser reads it: RFC 6266 with RFC 8187. */
function parsed(header: string): { type: string; plain: string; exact: string } {
  const form =
    /^(attachment|inline); filename="([ !#-[\]-~]*)"; filename\*=UTF-8''([A-Za-z0-9!#$&+.^_`|~%-]+)$/;
  const [, type = "", plain = "", exact = ""] = form.exec(header) ?? [];
  expect(type, header).not.toBe("");
  return { type, plain, exact: decodeURIComponent(exact) };
}

describe("contentDisposition", () => {
  test.each(names)("of %j is well-formed, and its name is safe and no path", (name) => {
    const { plain, exact } = parsed(contentDisposition(name));
    for (const safe of [plain, exact]) {
      expect(safe).not.toMatch(/[/\\]|\p{Cc}|\p{Bidi_Control}/u);
      expect(safe.trim()).toBe(safe);
      expect(["", ".", ".."]).not.toContain(safe);
    }
    expect(plain).not.toContain("%");
  });

  test.each([
    ["plain.txt", "plain.txt", "plain.txt"],
    ['quote".txt', "quote_.txt", 'quote".txt'],
    ["semi;colon.txt", "semi;colon.txt", "semi;colon.txt"],
    ["crlf\r\nSet-Cookie: a=b.txt", "crlf__Set-Cookie: a=b.txt", "crlf__Set-Cookie: a=b.txt"],
    ["naïve.txt", "na_ve.txt", "naïve.txt"],
    ["日本語.txt", "___.txt", "日本語.txt"],
    ["😀.txt", "_.txt", "😀.txt"],
    ["back\\slash.txt", "back_slash.txt", "back_slash.txt"],
    ["a/../b.txt", "a_.._b.txt", "a_.._b.txt"],
    ["percent%41.txt", "percent_41.txt", "percent%41.txt"],
    ["evil\u202efdp.exe", "evil_fdp.exe", "evil_fdp.exe"],
    ["", "download", "download"],
    [".", "download", "download"],
    ["..", "download", "download"],
    [" ", "download", "download"],
  ])("%j is saved as %j by old clients and as %j by the others", (name, plain, exact) => {
    expect(parsed(contentDisposition(name))).toEqual({ type: "attachment", plain, exact });
  });

  test("may be inline", () => {
    expect(parsed(contentDisposition("a", "inline")).type).toBe("inline");
  });
});

describe("contentTypeOf", () => {
  test.each([
    ["a.txt", "text/plain"],
    ["a/b.PNG", "image/png"],
    ["a.tar.gz", "application/gzip"],
    ["photo.jpeg", "image/jpeg"],
    ["a.svg", "image/svg+xml"],
    ["a.pdf", "application/pdf"],
    ["a.json", "application/json"],
    ["a.html", "text/html"],
    ["a.mp4", "video/mp4"],
    ["a.webp", "image/webp"],
    ["a.zip", "application/zip"],
    ["a.csv", "text/csv"],
    ["a.js", "text/javascript"],
    ["a.wasm", "application/wasm"],
    ["a", "application/octet-stream"],
    [".png", "application/octet-stream"],
    ["a/.png", "application/octet-stream"],
    ["a.png/b", "application/octet-stream"],
    ["a.", "application/octet-stream"],
    ["a.constructor", "application/octet-stream"],
    ["a.__proto__", "application/octet-stream"],
    ["a.nonsense", "application/octet-stream"],
  ])("%s is %s", (key, type) => {
    expect(contentTypeOf(key)).toBe(type);
  });
});
