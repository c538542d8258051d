/** What RFC 8187 lets stand unencoded in an extended value. */
const attributeCharacter = /[A-Za-z0-9!#$&+.^_`|~-]/;
const pathSeparator = /[/\\]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is replaced.
const unsafe = /[\u0000-\u001f\u007f-\u009f]|\p{Bidi_Control}/gu;
const notAscii = /[^\u0020-\u007e]/gu;

/**
 * A `Content-Disposition` by RFC 6266 under which a browser saves a download as `filename`: as plain
 * ASCII for old clients (`filename`) and exactly (`filename*`). Slashes, backslashes, control
 * characters and the marks that turn the direction of text around become `_`; an empty name, "." and
 * ".." become "download".
 */
export function contentDisposition(filename: string, type: "attachment" | "inline" = "attachment"): string {
  const clean = filename.toWellFormed().replace(pathSeparator, "_").replace(unsafe, "_").trim();
  const name = clean === "" || clean === "." || clean === ".." ? "download" : clean;
  // A percent sign in the plain form is decoded by some browsers (RFC 6266, appendix D).
  const plain = name.replace(notAscii, "_").replace(/["%]/g, "_");
  return `${type}; filename="${plain}"; filename*=UTF-8''${extendedValue(name)}`;
}

function extendedValue(name: string): string {
  let encoded = "";
  for (const byte of new TextEncoder().encode(name)) {
    const character = String.fromCharCode(byte);
    encoded += attributeCharacter.test(character)
      ? character
      : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return encoded;
}
