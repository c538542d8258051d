import { contentTypeOf } from "@storage/core";

/** What is looked at: by then every format that is known here has shown itself. */
export const sniffedBytes = 4100;

/** What the sender says of a file, which counts where the content leaves a choice. */
export interface NamedFile {
  readonly fileName: string;
  readonly claimedType: string;
}

const unknown = "application/octet-stream";

/** Signatures by their names in the library, where three bytes and more say one thing only. */
const types: ReadonlyMap<string, string> = new Map(
  Object.entries({
    image: "gif jpg:jpeg png webp tif:tiff tiff bmp ico:x-icon",
    audio: "mp3:mpeg aac flac mid:midi wav oga:ogg spx:ogg ogg",
    video: "mov:quicktime mpg:mpeg avi:x-msvideo ogv:ogg ogm:ogg",
    font: "otf ttf woff woff2",
    application:
      "pdf ps:postscript rtf zip gz:gzip bz2:x-bzip2 xz:x-xz 7z:x-7z-compressed rar:vnd.rar tar:x-tar " +
      "ogx:ogg wasm sqlite:vnd.sqlite3 doc:x-ole-storage swf:x-shockwave-flash psd:vnd.adobe.photoshop",
  }).flatMap(([family, pairs]) =>
    pairs.split(" ").map((pair) => {
      const [name = "", subtype = name] = pair.split(":");
      return [name, `${family}/${subtype}`];
    }),
  ),
);

/** Brands of the ISO base media format (ISO 14496-12), which pictures and sounds share with MP4. */
const brands: readonly (readonly [brand: RegExp, type: string])[] = [
  [/^avi[fs]/, "image/avif"],
  [/^hei[cxms]|^hev[cx]/, "image/heic"],
  [/^(mif1|msf1)/, "image/heif"],
  [/^qt/, "video/quicktime"],
  [/^M4[AB]/, "audio/mp4"],
  [/^3g/, "video/3gpp"],
];

const office = "application/vnd.openxmlformats-officedocument.";
const officeTypes: readonly (readonly [folder: string, type: string])[] = [
  ["word/", `${office}wordprocessingml.document`],
  ["xl/", `${office}spreadsheetml.sheet`],
  ["ppt/", `${office}presentationml.presentation`],
];
const oldOfficeTypes = ["application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint"];

/** Types that are text, and so have no signature to know them by. */
const textual =
  /^text\/|^application\/(json|xml|javascript|yaml|x-yaml|toml|sql|x-ndjson|x-subrip)$|\+(xml|json)$/;
const signedTexts = ["pdf", "ps", "rtf"];

/**
 * The type of a file by its first bytes. Text is what is valid UTF-8 without control characters; which
 * one it is, the sender says, or the name's extension, and else it is text/plain. What is neither
 * text nor known is application/octet-stream, and so is the empty file.
 */
export async function mediaTypeOf(head: Uint8Array, isWhole: boolean, named: NamedFile): Promise<string> {
  const { filetypeinfo } = await import("magic-bytes.js");
  if (head.length === 0) return unknown;
  const names = filetypeinfo(head).map(({ typename }) => typename);
  const isText = isPlainText(head, isWhole);
  const known = names.find((name) => types.has(name) && (!isText || signedTexts.includes(name))) ?? "";
  if (isText) return types.get(known) ?? textTypeOf(named);
  const latin = new TextDecoder("latin1").decode(head);
  return containerType(latin, known, named) ?? types.get(known) ?? unknown;
}

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
  return known === "doc" ? oneOf(oldOfficeTypes, named) : undefined;
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
  const [, declared] = /^.{30}mimetype(application\/[\w.+-]+?)(?:PK|$)/s.exec(latin) ?? [];
  if (declared !== undefined) return declared;
  const folder = officeTypes.find(([name]) => latin.includes(name));
  if (!/\[Content_Types\]\.xml|_rels\/\.rels/.test(latin)) return undefined;
  return (
    folder?.[1] ??
    oneOf(
      officeTypes.map(([, type]) => type),
      named,
    )
  );
}

function oneOf(candidates: readonly string[], { fileName, claimedType }: NamedFile): string | undefined {
  return [contentTypeOf(fileName), essence(claimedType)].find((type) => candidates.includes(type));
}
