/** What `encodeURIComponent` leaves and SigV4 wants encoded: everything but A-Z a-z 0-9 - . _ ~. */
const left = /[!'()*]/g;

const encoded = (character: string): string => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;

/** Percent-encoded as SigV4 wants it (UriEncode, "Signature calculations" in the S3 API reference). */
export function encodeText(text: string): string {
  return encodeURIComponent(text).replace(left, encoded);
}

/** The same for a path, whose slashes stay. */
export function encodeKey(key: string): string {
  return /^[\w.~/-]*$/.test(key) ? key : key.split("/").map(encodeText).join("/");
}

/** A key of a listing with `encoding-type=url`, in which a blank is a plus sign. */
export function decodeKey(key: string): string {
  try {
    return decodeURIComponent(key.replaceAll("+", " "));
  } catch {
    // Of bytes that are no UTF-8, or of a service that does not encode: one such key hides no others.
    return key;
  }
}
