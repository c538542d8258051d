import { checkHeader } from "./metadata.ts";
import { quoted } from "./storage-error.ts";
import { InvalidArgumentError } from "./storage-errors.ts";

/** What files in buckets commonly have, as IANA's registry (https://www.iana.org/assignments/media-types) names it: `extension`, or `extension:subtype` where they differ. */
const typesByKind: Readonly<Record<string, string>> = {
  text: "css csv html htm:html js:javascript mjs:javascript md:markdown txt:plain",
  image: "avif bmp gif heic ico:x-icon jpeg jpg:jpeg png svg:svg+xml tiff webp",
  audio: "aac flac m4a:mp4 mp3:mpeg ogg wav",
  video: "mov:quicktime mp4 mpeg webm",
  font: "otf ttf woff woff2",
  application:
    "doc:msword docx:$wordprocessingml.document gz:gzip json pdf ppt:vnd.ms-powerpoint " +
    "pptx:$presentationml.presentation tar:x-tar wasm xls:vnd.ms-excel xlsx:$spreadsheetml.sheet " +
    "xml yaml yml:yaml zip",
};

let types: ReadonlyMap<string, string> | undefined;

function typesByExtension(): ReadonlyMap<string, string> {
  const pairs = Object.entries(typesByKind).flatMap(([kind, subtypes]) =>
    subtypes.split(" ").map((pair) => {
      const [extension = "", subtype = extension] = pair.split(":");
      return [extension, `${kind}/${subtype.replace("$", "vnd.openxmlformats-officedocument.")}`] as const;
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
