import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { type AcceptOptions, acceptUpload } from "../src/index.ts";
import { formOf, formType, part } from "./upload-form.ts";

const latin = (text: string): Buffer => Buffer.from(text, "latin1");
const filled = (start: string, length = 200): Buffer => {
  const bytes = Buffer.alloc(length);
  bytes.write(start, "latin1");
  return bytes;
};
const box = (brand: string, ...others: readonly string[]): Buffer =>
  filled(
    `\0\0\0${String.fromCharCode(16 + 4 * others.length)}ftyp${brand}\0\0\0\0${others.join("")}\0\0\0\x08free`,
  );
/** The head of a ZIP's entry (APPNOTE 4.3.7), stored. */
function entry(name: string, content = "x"): Buffer {
  const head = Buffer.alloc(30);
  head.write("PK\x03\x04", "latin1");
  head.writeUInt32LE(content.length, 18);
  head.writeUInt32LE(content.length, 22);
  head.writeUInt16LE(name.length, 26);
  return Buffer.concat([head, latin(name), latin(content)]);
}
const zipOf = (...entries: readonly Buffer[]): Buffer => Buffer.concat([...entries, latin("PK\x01\x02\0\0")]);

interface Claim {
  readonly fileName?: string;
  readonly type?: string;
}

async function accept(
  bytes: Uint8Array,
  { fileName = "upload", type = "application/octet-stream" }: Claim = {},
  options: Partial<AcceptOptions> = {},
): Promise<string> {
  const disposition = `Content-Disposition: form-data; name="f"; filename="${fileName}"`;
  const body = new Uint8Array(formOf(part(`${disposition}\r\nContent-Type: ${type}`, bytes)));
  const headers = { "content-type": formType };
  const request = new Request("http://localhost/", { method: "POST", headers, body });
  const upload = await acceptUpload(request, { maxBytes: 1_000_000, ...options });
  return upload.contentType;
}

const png = filled("\x89PNG\r\n\x1a\n\0\0\0\rIHDR");
const office = "application/vnd.openxmlformats-officedocument.";
const packed = (folder: string): Buffer =>
  zipOf(entry("[Content_Types].xml"), entry("_rels/.rels"), entry(`${folder}/document.xml`));

describe("the type of a file is known by its bytes:", () => {
  test.each<[string, Buffer]>([
    ["image/jpeg", filled("\xff\xd8\xff\xe0\0\x10JFIF")],
    ["image/jpeg", filled("\xff\xd8\xff\xe1\0\x10Exif")],
    ["image/png", png],
    ["image/gif", filled("GIF87a\x01\0\x01\0")],
    ["image/gif", filled("GIF89a\x01\0\x01\0")],
    ["image/webp", filled("RIFF\x24\0\0\0WEBPVP8 ")],
    ["image/avif", box("avif", "mif1")],
    ["image/avif", box("avis")],
    ["image/avif", box("mif1", "miaf", "avif")],
    ["image/heic", box("heic", "mif1")],
    ["image/heic", box("heix")],
    ["image/heic", box("mif1", "heic")],
    ["image/heif", box("mif1", "miaf")],
    ["image/tiff", filled("II*\0\x08\0\0\0")],
    ["image/tiff", filled("MM\0*\0\0\0\x08")],
    ["image/bmp", filled("BM\x36\0\x03\0\0\0\0\0")],
    ["image/x-icon", filled("\0\0\x01\0\x01\0\x10\x10")],
    ["application/pdf", filled("%PDF-1.7\n%\xe2\xe3\xcf\xd3")],
    ["application/pdf", latin("%PDF-1.4\nall of it is text\n")],
    ["application/rtf", latin("{\\rtf1\\ansi hello}")],
    ["video/mp4", box("isom", "avc1")],
    ["video/mp4", box("mp42")],
    ["video/quicktime", box("qt  ")],
    ["audio/mp4", box("M4A ")],
    ["video/3gpp", box("3gp5")],
    ["video/webm", filled("\x1aE\xdf\xa3\x9fB\x86\x81\x01B\x82\x84webm")],
    ["video/x-matroska", filled("\x1aE\xdf\xa3\xa3B\x86\x81\x01B\x82\x88matroska")],
    ["audio/mpeg", filled("ID3\x04\0\0")],
    ["audio/wav", filled("RIFF\x24\0\0\0WAVEfmt ")],
    ["audio/flac", filled("fLaC\0\0\0\x22")],
    ["application/gzip", gzipSync("hello")],
    ["application/zip", zipOf(entry("a.txt"))],
    ["application/zip", filled("PK\x05\x06", 22)],
    [`${office}wordprocessingml.document`, packed("word")],
    [`${office}spreadsheetml.sheet`, packed("xl")],
    [`${office}presentationml.presentation`, packed("ppt")],
    [
      "application/epub+zip",
      zipOf(entry("mimetype", "application/epub+zip"), entry("META-INF/container.xml")),
    ],
    [
      "application/vnd.oasis.opendocument.text",
      zipOf(entry("mimetype", "application/vnd.oasis.opendocument.text"), entry("content.xml")),
    ],
    ["application/zip", zipOf(entry("mimetype", "application/xhtml+xml"))],
    ["application/wasm", filled("\0asm\x01\0\0\0")],
    ["font/woff2", filled("wOF2\0\x01\0\0")],
    ["application/octet-stream", filled("Good day, but with a null byte")],
    ["application/octet-stream", filled("MZ\x90\0\x03")],
    ["application/octet-stream", latin("caf\xe9, in Latin-1")],
    ["application/octet-stream", Buffer.from([0x7b, 0, 0x7d])],
    ["text/plain", Buffer.from("Good day, π and 😀\n")],
    ["text/plain", latin("BMW and PLAIN letters, {braces}")],
  ])("%s", async (type, bytes) => {
    expect(await accept(bytes)).toBe(type);
    expect(await accept(bytes, { fileName: "a.webp", type: "image/webp" })).toBe(type);
  });

  test("a character across the end of what is looked at is text all the same", async () => {
    for (const shift of ["", "x", "xx", "xxx"]) {
      expect(await accept(Buffer.from(shift + "😀".repeat(3000)))).toBe("text/plain");
    }
    expect(await accept(Buffer.from("😀").subarray(0, 3))).toBe("application/octet-stream");
  });
});

describe("of text the sender says which it is,", () => {
  const text = Buffer.from("<hello>, text\n");
  test.each<[string, Claim]>([
    ["text/csv", { type: "text/csv" }],
    ["text/csv", { type: "Text/CSV; charset=utf-8" }],
    ["text/html", { type: "text/html" }],
    ["application/json", { type: "application/json" }],
    ["image/svg+xml", { type: "image/svg+xml" }],
    ["application/ld+json", { type: "application/ld+json" }],
    ["text/markdown", { fileName: "a.md" }],
    ["application/json", { fileName: "a.json" }],
    ["image/svg+xml", { fileName: "a.svg" }],
    ["image/svg+xml", { fileName: "a.svg", type: "image/png" }],
    ["text/plain", { fileName: "a.png", type: "image/png" }],
    ["text/plain", { fileName: "a.exe", type: "application/x-msdownload" }],
    ["text/plain", { type: "no type" }],
    ["text/plain", { type: "text/<script>" }],
    ["text/plain", { type: "text/html, image/png" }],
    ["text/plain", { type: "text/é" }],
    ["text/plain", { type: "<b>/c+xml" }],
    ["text/plain", { type: `text/${"x".repeat(128)}` }],
  ])("%s of %j", async (type, claim) => {
    expect(await accept(text, claim)).toBe(type);
  });

  test("and of what is no text the sender says nothing", async () => {
    for (const type of ["text/plain", "text/html", "image/svg+xml"]) {
      expect(await accept(filled("\0\x01\x02"), { fileName: "a.txt", type })).toBe(
        "application/octet-stream",
      );
      expect(await accept(png, { fileName: "a.svg", type })).toBe("image/png");
    }
  });

  test("save which office document a container of one kind is", async () => {
    const old = filled("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1");
    expect(await accept(old)).toBe("application/x-ole-storage");
    expect(await accept(old, { fileName: "a.xls" })).toBe("application/vnd.ms-excel");
    expect(await accept(old, { type: "application/msword" })).toBe("application/msword");
    expect(await accept(old, { fileName: "a.png", type: "image/png" })).toBe("application/x-ole-storage");
    const late = zipOf(entry("[Content_Types].xml", "x".repeat(5000)), entry("word/document.xml"));
    expect(await accept(late, { fileName: "a.docx" })).toBe(`${office}wordprocessingml.document`);
    expect(await accept(late, { fileName: "a.zip" })).toBe("application/zip");
    expect(await accept(zipOf(entry("a.txt")), { fileName: "a.docx" })).toBe("application/zip");
  });
});

describe("only allowed types are let in:", () => {
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>');
  const html = Buffer.from("<!doctype html><script>alert(1)</script>");
  const asPng: Claim = { fileName: "a.png", type: "image/png" };
  const asSvg: Claim = { fileName: "a.svg", type: "image/svg+xml" };

  test.each<[string, Buffer, Claim, readonly string[]]>([
    ["a script that says it is a picture", html, asPng, ["image/*"]],
    ["an SVG that says it is a PNG", svg, asPng, ["image/*"]],
    ["an SVG where pictures are allowed", svg, asSvg, ["image/*"]],
    ["a PNG where JPEG is allowed", png, { fileName: "a.jpg", type: "image/jpeg" }, ["image/jpeg"]],
    ["a ZIP that says it is a picture", zipOf(entry("a.txt")), asPng, ["image/*"]],
    ["XML where text is allowed", svg, { type: "text/xml" }, ["text/*"]],
    ["anything where nothing is", png, asPng, []],
  ])("not %s", async (_what, bytes, claim, allowedTypes) => {
    const refused = accept(bytes, claim, { allowedTypes });
    await expect(refused).rejects.toMatchObject({ status: 415, statusCode: 415, code: "UnsupportedType" });
  });

  test.each<[string, Buffer, Claim, readonly string[], string]>([
    ["a picture of a family", png, {}, ["image/*"], "image/png"],
    ["a picture by its name", png, {}, ["text/csv", "Image/PNG"], "image/png"],
    ["an SVG that is named", svg, asSvg, ["image/*", "image/svg+xml"], "image/svg+xml"],
    [
      "a picture with a script behind it, as a picture",
      Buffer.concat([png, html]),
      { type: "text/html" },
      ["image/*"],
      "image/png",
    ],
  ])("%s", async (_what, bytes, claim, allowedTypes, type) => {
    expect(await accept(bytes, claim, { allowedTypes })).toBe(type);
  });
});
