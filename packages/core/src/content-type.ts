import { checkHeader } from "./metadata.ts";
import { InvalidArgumentError } from "./storage-errors.ts";

/** By extension, as in IANA's registry of media types (https://www.iana.org/assignments/media-types) and the mime-db that merges it with what Apache and nginx say; the ones that files in buckets commonly have. */
const typesByExtension: Readonly<Record<string, string>> = {
  aac: "audio/aac",
  apng: "image/apng",
  avi: "video/x-msvideo",
  avif: "image/avif",
  avro: "application/vnd.apache.avro",
  bmp: "image/bmp",
  bz2: "application/x-bzip2",
  css: "text/css",
  csv: "text/csv",
  doc: "application/msword",
  docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  epub: "application/epub+zip",
  flac: "audio/flac",
  gif: "image/gif",
  gz: "application/gzip",
  heic: "image/heic",
  heif: "image/heif",
  htm: "text/html",
  html: "text/html",
  ico: "image/x-icon",
  ics: "text/calendar",
  jpeg: "image/jpeg",
  jpg: "image/jpeg",
  js: "text/javascript",
  json: "application/json",
  jsonld: "application/ld+json",
  jxl: "image/jxl",
  m4a: "audio/mp4",
  m4v: "video/x-m4v",
  md: "text/markdown",
  mjs: "text/javascript",
  mkv: "video/x-matroska",
  mov: "video/quicktime",
  mp3: "audio/mpeg",
  mp4: "video/mp4",
  mpeg: "video/mpeg",
  mpg: "video/mpeg",
  odp: "application/vnd.oasis.opendocument.presentation",
  ods: "application/vnd.oasis.opendocument.spreadsheet",
  odt: "application/vnd.oasis.opendocument.text",
  oga: "audio/ogg",
  ogg: "audio/ogg",
  ogv: "video/ogg",
  opus: "audio/ogg",
  otf: "font/otf",
  parquet: "application/vnd.apache.parquet",
  pdf: "application/pdf",
  png: "image/png",
  ppt: "application/vnd.ms-powerpoint",
  pptx: "application/vnd.openxmlformats-officedocument.presentationml.presentation",
  rtf: "application/rtf",
  svg: "image/svg+xml",
  tar: "application/x-tar",
  tif: "image/tiff",
  tiff: "image/tiff",
  ttf: "font/ttf",
  txt: "text/plain",
  wasm: "application/wasm",
  wav: "audio/wav",
  weba: "audio/webm",
  webm: "video/webm",
  webmanifest: "application/manifest+json",
  webp: "image/webp",
  woff: "font/woff",
  woff2: "font/woff2",
  xhtml: "application/xhtml+xml",
  xls: "application/vnd.ms-excel",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  xml: "application/xml",
  yaml: "application/yaml",
  yml: "application/yaml",
  zip: "application/zip",
  zst: "application/zstd",
};

const types = new Map(Object.entries(typesByExtension));
const unknownType = "application/octet-stream";

/** By the extension of the key's last segment, in any case; else application/octet-stream. */
export function contentTypeOf(key: string): string {
  const dot = key.lastIndexOf(".");
  if (dot <= key.lastIndexOf("/") + 1) return unknownType;
  return types.get(key.slice(dot + 1).toLowerCase()) ?? unknownType;
}

/** `type "/" subtype` and parameters, of RFC 9110, 8.3.1. */
const mediaType = /^[!#$%&'*+.^_`|~\w-]+\/[!#$%&'*+.^_`|~\w-]+ *(?:;.*)?$/;

/** @throws InvalidArgumentError for what is no media type. */
export function checkContentType(value: string): string {
  if (mediaType.test(checkHeader("contentType", value))) return value;
  throw new InvalidArgumentError(`contentType ${JSON.stringify(value)} is no media type such as text/plain`);
}
