/** One media type with well-formed parameters: in a list, browsers take the last type and not the first. */
const mediaType =
  /^([a-z0-9!#$&^_.+-]+)\/([a-z0-9!#$&^_.+-]+)(?:[ \t]*;[ \t]*[\w-]+=(?:[\w.+-]+|"[\w .+-]*"))*$/;

/** Families that are pictures, sounds and letters, and single types that a browser only shows. */
const shownFamilies = new Set(["image", "audio", "video", "font"]);
const shownTypes = new Set([
  "application/json",
  "text/css",
  "text/csv",
  "text/markdown",
  "text/plain",
  "text/vtt",
]);

/**
 * Whether a browser that opens the type only shows it. It would run HTML, SVG, other XML (through a
 * stylesheet) and scripts; what is not known is treated as they are.
 */
export function isShown(contentType: string): boolean {
  const [, family = "", subtype = ""] = mediaType.exec(contentType.trim().toLowerCase()) ?? [];
  if (/(^|\+)xml$|^svg/.test(subtype)) return false;
  return shownFamilies.has(family) || shownTypes.has(`${family}/${subtype}`);
}

export function isPdf(contentType: string): boolean {
  return contentType.trim().toLowerCase() === "application/pdf";
}

/** A sound or a video, for which browsers make a page of their own. */
export function isMedia(contentType: string): boolean {
  return /^\s*(audio|video)\//i.test(contentType);
}
