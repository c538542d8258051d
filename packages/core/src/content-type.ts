/** What web applications commonly store, as IANA's registry (https://www.iana.org/assignments/media-types) names it: `extension`, or `extension:subtype` where they differ. */
const subtypes = {
  text: "css csv htm:html html js:javascript mjs:javascript md:markdown txt:plain",
  image: "avif gif heic ico:x-icon jpeg jpg:jpeg png svg:svg+xml webp",
  audio: "m4a:mp4 mp3:mpeg ogg wav",
  video: "mov:quicktime mp4 webm",
  font: "otf ttf woff woff2",
  application:
    "doc:msword docx:$wordprocessingml.document gz:gzip json pdf ppt:vnd.ms-powerpoint " +
    "pptx:$presentationml.presentation tar:x-tar wasm xls:vnd.ms-excel xlsx:$spreadsheetml.sheet xml yaml yml:yaml zip",
};

const types: ReadonlyMap<string, string> = new Map(
  Object.entries(subtypes).flatMap(([kind, pairs]) =>
    pairs.split(" ").map((pair) => {
      const [extension = "", subtype = extension] = pair.split(":");
      return [extension, `${kind}/${subtype.replace("$", "vnd.openxmlformats-officedocument.")}`];
    }),
  ),
);

/** By the extension of the key's last segment, in any case; else application/octet-stream. */
export function contentTypeOf(key: string): string {
  const dot = key.lastIndexOf(".");
  // A name that only begins with a dot has no extension.
  const extension = dot > 0 && key[dot - 1] !== "/" ? key.slice(dot + 1).toLowerCase() : "";
  return types.get(extension) ?? "application/octet-stream";
}
