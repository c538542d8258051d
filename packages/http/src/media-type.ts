import { contentTypeOf } from "@storage/core";

/** What is looked at: by then every format that is known here has shown itself. */
export const sniffedBytes = 4100;

/** What the sender says of a file, which counts where the content leaves a choice. */
export interface NamedFile {
  readonly fileName: string;
  readonly claimedType: string;
}

const unknown = "application/octet-stream";

/** Names of the library's signatures that say one thing only: "G" alone is a video to it, and "PL" a font. */
const trusted = new Set(
  (
    "gif jpg png webp tif tiff bmp ico mp3 aac flac mid wav oga spx ogg mov mpg avi ogv ogm otf ttf woff woff2 " +
    "pdf ps rtf zip gz bz2 7z rar tar ogx wasm sqlite doc swf psd"
  ).split(" "),
);
/** Those that text can begin with and be one. */
const signedTexts = new Set(["pdf", "ps", "rtf"]);

/** Brands of the ISO base media format (ISO 14496-12), which pictures and sounds share with MP4. */
const brands: readonly (readonly [brand: RegExp, type: string])[] = [
  [/^avi[fs]/, "image/avif"],
  [/^hei[cxms]|^hev[cx]/, "image/heic"],
  [/^(mif1|msf1)/, "image/heif"],
  [/^qt/, "video/quicktime"],
  [/^M4[AB]/, "audio/mp4"],
  [/^3g/, "video/3gpp"],
];

/** By the folder of what is inside, and the extension. */
const officeFolders = { "word/": "docx", "xl/": "xlsx", "ppt/": "pptx" };
/** Of one format, which does not say at its beginning which of them it is. */
const oldOffice = ["doc", "xls", "ppt"];

/** Types that are text, and so have no signature to know them by; names as long as RFC 6838, 4.2, lets them be. */
const textual =
  /^text\/[\w.+-]{1,127}$|^application\/(json|xml|javascript|yaml|x-yaml|toml|sql|x-ndjson|x-subrip)$|^[a-z]+\/[\w.+-]{1,122}\+(xml|json)$/;

/**
 * The type of a file by its first bytes. Text is what is valid UTF-8 without control characters; which
 * one it is, the sender says, or the name's extension, and else it is text/plain. What is neither
 * text nor known is application/octet-stream, and so is the empty file.
 */
export async function mediaTypeOf(head: Uint8Array, isWhole: boolean, named: NamedFile): Promise<string> {
  const { filetypeinfo } = await import("magic-bytes.js");
  if (head.length === 0) return unknown;
  const isText = isPlainText(head, isWhole);
  const names = isText ? signedTexts : trusted;
  const { typename = "", mime = unknown } =
    filetypeinfo(head).find((found) => names.has(found.typename)) ?? {};
  if (isText && typename === "") return textTypeOf(named);
  const inside = containerType(new TextDecoder("latin1").decode(head), typename, named);
  return inside ?? [typeOfExtension(typename), mime].find((type) => type !== unknown) ?? unknown;
}

/** As everywhere in this library, where the type has several names. */
const typeOfExtension = (extension: string): string => contentTypeOf(`file.${extension}`);

/** Tab, line feed, form feed, carriage return, and the escape of coloured logs. */
const textControls = new Set([0x09, 0x0a, 0x0c, 0x0d, 0x1b]);

function isPlainText(head: Uint8Array, isWhole: boolean): boolean {
  if (head.some((byte) => byte < 0x20 && !textControls.has(byte))) return false;
  try {
    // A character may stand across the end of what is looked at.
    new TextDecoder("utf-8", { fatal: true }).decode(head, { stream: !isWhole });
    return true;
  } catch {
    return false;
  }
}

function textTypeOf({ fileName, claimedType }: NamedFile): string {
  return [essence(claimedType), contentTypeOf(fileName)].find((type) => textual.test(type)) ?? "text/plain";
}

const essence = (type: string): string => (type.split(";")[0] ?? "").trim().toLowerCase();

/** Formats that hold others, told apart by what is inside. */
function containerType(latin: string, known: string, named: NamedFile): string | undefined {
  if (latin.startsWith("ftyp", 4)) return brandType(latin);
  if (latin.startsWith("\x1aE\xdf\xa3")) return latin.includes("webm") ? "video/webm" : "video/x-matroska";
  if (known === "zip") return zipType(latin, named);
  if (known === "doc") return oneOf(oldOffice, named) ?? "application/x-ole-storage";
  return undefined;
}

/** By the main brand, or by what else the file says it can be read as, where that one only says "some picture". */
function brandType(latin: string): string {
  const end = Math.min(latin.charCodeAt(2) * 256 + latin.charCodeAt(3), latin.length);
  const [main = "", ...others] = [latin.slice(8, 12), ...(latin.slice(16, end).match(/.{4}/gs) ?? [])];
  const typeOf = (brand: string): string | undefined => brands.find(([form]) => form.test(brand))?.[1];
  const type = typeOf(main);
  if (type !== "image/heif") return type ?? "video/mp4";
  return others.map(typeOf).find((other) => other !== undefined && other !== type) ?? type;
}

/** OpenDocument and EPUB name their type in the first entry, Office files have known folders. */
function zipType(latin: string, named: NamedFile): string | undefined {
  const [, declared] =
    /^.{30}mimetype(application\/(?:epub\+zip|vnd\.oasis\.opendocument\.[a-z-]+))/s.exec(latin) ?? [];
  if (declared !== undefined) return declared;
  if (!/\[Content_Types\]\.xml|_rels\/\.rels/.test(latin)) return undefined;
  const [, extension] = Object.entries(officeFolders).find(([folder]) => latin.includes(folder)) ?? [];
  return extension === undefined ? oneOf(Object.values(officeFolders), named) : typeOfExtension(extension);
}

function oneOf(extensions: readonly string[], { fileName, claimedType }: NamedFile): string | undefined {
  const types = extensions.map(typeOfExtension);
  return [contentTypeOf(fileName), essence(claimedType)].find((type) => types.includes(type));
}
