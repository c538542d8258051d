const unsafe = /[/\\]|\p{Cc}|\p{Bidi_Control}/gu;
/** What RFC 8187 wants encoded and `encodeURIComponent` leaves, and the reverse: # $ & + ^ ` |. */
const otherwise = /['()*]|%(?:2[346B]|5E|60|7C)/g;
/** A percent sign in the plain form is decoded by some browsers (RFC 6266, appendix D), a quotation mark ends it. */
const notPlain = /[^ !#$&-~]/gu;

/**
 * A `Content-Disposition` by RFC 6266 under which a browser saves a download as `filename`: as plain
 * ASCII for old clients (`filename`) and exactly (`filename*`). Slashes, backslashes, control
 * characters and the marks that turn the direction of text around become `_`; an empty name, "." and
 * ".." become "download".
 */
export function contentDisposition(filename: string, type: "attachment" | "inline" = "attachment"): string {
  const clean = filename.toWellFormed().replace(unsafe, "_").trim();
  const name = /^\.{0,2}$/.test(clean) ? "download" : clean;
  const plain = name.replace(notPlain, "_");
  const exact = encodeURIComponent(name).replace(otherwise, (it) =>
    it.length > 1 ? decodeURIComponent(it) : `%${it.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${type}; filename="${plain}"; filename*=UTF-8''${exact}`;
}
