import { checkHeader } from "./metadata.ts";
import { quoted } from "./storage-error.ts";
import { InvalidArgumentError } from "./storage-errors.ts";

/** What files in buckets commonly have, as IANA's registry (https://www.iana.org/assignments/media-types) names it: `extension`, or `extension:subtype` where they differ. */
const typesByKind: Readonly<Record<string, string>> = {
  text: "css csv html htm:html ics:calendar js:javascript mjs:javascript md:markdown txt:plain",
  image: "avif bmp gif heic ico:x-icon jpeg jpg:jpeg png svg:svg+xml tif:tiff tiff webp",
  audio: "aac flac m4a:mp4 mp3:mpeg ogg opus:ogg wav",
  video: "avi:x-msvideo mkv:x-matroska mov:quicktime mp4 mpeg webm",
  font: "otf ttf woff woff2",
  application:
    "doc:msword docx:vnd.openxmlformats-officedocument.wordprocessingml.document epub:epub+zip gz:gzip " +
    "json parquet:vnd.apache.parquet pdf ppt:vnd.ms-powerpoint " +
    "pptx:vnd.openxmlformats-officedocument.presentationml.presentation rtf tar:x-tar wasm " +
    "webmanifest:manifest+json xhtml:xhtml+xml xls:vnd.ms-excel " +
    "xlsx:vnd.openxmlformats-officedocument.spreadsheetml.sheet xml yaml yml:yaml zip zst:zstd",
};

let types: ReadonlyMap<string, string> | undefined;

function typesByExtension(): ReadonlyMap<string, string> {
  const pairs = Object.entries(typesByKind).flatMap(([kind, subtypes]) =>
    subtypes.split(" ").map((pair) => {
      const [extension = "", subtype = extension] = pair.split(":");
      return [extension, `${kind}/${subtype}`] as const;
    }),
  );
  return new Map(pairs);
}

/** By the extension of the key's last segment, in any case; else application/octet-stream. */
export function contentTypeOf(key: string): string {
  const dot = key.lastIndexOf(".");
  const extension = dot > key.lastIndexOf("/") + 1 ? key.slice(dot + 1).toLowerCase() : "";
  types ??= typesByExtension();
  return types.get(extension) ?? "application/octet-stream";
}

/** `type "/" subtype` and parameters, of RFC 9110, 8.3.1. */
const mediaType = /^[!#$%&'*+.^_`|~\w-]+\/[!#$%&'*+.^_`|~\w-]+ *(?:;.*)?$/;

/** @throws InvalidArgumentError for what is no media type. */
export function checkContentType(value: string): string {
  if (mediaType.test(checkHeader("contentType", value))) return value;
  throw new InvalidArgumentError(`contentType ${quoted(value)} is no media type such as text/plain`);
}
