import {
  type Link,
  NotSupportedError,
  type SignedUpload,
  UnauthenticatedError,
  type UploadLink,
} from "@storage/core";
import type { Connection } from "./connection.ts";
import { encodeKey } from "./keys.ts";
import { headersOf, inputOf } from "./object-input.ts";
import type { Credentials } from "./signing.ts";

/** A string with credentials at hand, else a promise of one. */
export function signUrl(connection: Connection, key: string, link: Link): string | (() => Promise<string>) {
  const sign = (credentials: Credentials): string => {
    const query: Record<string, string> = {};
    if (link.disposition !== undefined) query["response-content-disposition"] = link.disposition;
    if (link.contentType !== undefined) query["response-content-type"] = link.contentType;
    if (link.cacheControl !== undefined) query["response-cache-control"] = link.cacheControl;
    return urlOf(connection, { method: "GET", key, query, headers: {} }, credentials, link.expiresIn).url;
  };
  const credentials = connection.credentialsAtHand;
  return credentials ? sign(credentials) : async () => sign(await connection.credentials());
}

export async function signUpload(
  connection: Connection,
  key: string,
  link: UploadLink,
): Promise<SignedUpload> {
  const credentials = connection.credentialsAtHand ?? (await connection.credentials());
  if (link.method === "POST") return formOf(connection, key, link, credentials);
  const { size, minBytes, maxBytes, sha256, ifNoneMatch, attributes } = link;
  if (size === undefined && (minBytes ?? maxBytes) !== undefined)
    throw new NotSupportedError('a signed PUT says one size: give size, or method "POST" for a range');
  const headers = headersOf(inputOf(attributes));
  if (size !== undefined) headers["content-length"] = String(size);
  if (ifNoneMatch !== undefined) headers["if-none-match"] = ifNoneMatch;
  if (sha256 !== undefined) headers["x-amz-checksum-sha256"] = Buffer.from(sha256, "hex").toString("base64");
  const signed = urlOf(connection, { method: "PUT", key, query: {}, headers }, credentials, link.expiresIn);
  // A browser counts for itself, and refuses to be told.
  const { "content-length": _, ...sent } = headers;
  return { method: "PUT", url: signed.url, headers: sent, expiresAt: signed.expiresAt };
}

interface Linked {
  readonly method: string;
  readonly key: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
}

function urlOf(
  connection: Connection,
  { method, key, query, headers }: Linked,
  credentials: Credentials,
  expiresIn: number,
): { url: string; expiresAt: Date } {
  const { protocol, host, path } = connection.endpoint;
  const now = connection.now();
  const seconds = livingSeconds(credentials, now, expiresIn);
  const signable = { method, host, path: path + encodeKey(key), query, headers };
  const signed = connection.signer.query(signable, credentials, now, seconds);
  return { url: `${protocol}//${host}${signable.path}?${signed}`, expiresAt: after(now, seconds) };
}

/** A link is refused with the credentials that signed it. @throws UnauthenticatedError for those that are over. */
function livingSeconds({ expiration }: Credentials, now: Date, wanted: number): number {
  if (expiration === undefined) return wanted;
  const left = Math.floor((expiration.getTime() - now.getTime()) / 1000);
  if (left < 1) throw new UnauthenticatedError("the credentials have expired: a link by them would not open");
  return Math.min(wanted, left);
}

const after = (now: Date, seconds: number): Date => new Date(now.getTime() + seconds * 1000);

/** A form with a policy ("Creating an HTML form" in the S3 API reference): it says a range of sizes, too. */
function formOf(
  connection: Connection,
  key: string,
  link: UploadLink,
  credentials: Credentials,
): SignedUpload {
  const { size, minBytes = size ?? 0, maxBytes = size, attributes, sha256, ifNoneMatch } = link;
  if (ifNoneMatch !== undefined) throw new NotSupportedError('a form has no condition: use method "PUT"');
  const { protocol, host, path } = connection.endpoint;
  const now = connection.now();
  const seconds = livingSeconds(credentials, now, link.expiresIn);
  const expiresAt = after(now, seconds);
  const own: Record<string, string> = { key, ...headersOf(inputOf(attributes)) };
  if (sha256 !== undefined) own["x-amz-checksum-sha256"] = Buffer.from(sha256, "hex").toString("base64");
  const bucket = path.split("/").at(-2) || host.split(".")[0];
  const fields = connection.signer.form(credentials, now, (signing) => ({
    expiration: expiresAt.toISOString(),
    conditions: [
      { bucket },
      ...Object.entries({ ...own, ...signing }).map(([name, value]) => ({ [name]: value })),
      ...(maxBytes === undefined ? [] : [["content-length-range", minBytes, maxBytes]]),
    ],
  }));
  return {
    method: "POST",
    url: `${protocol}//${host}${path}`,
    headers: {},
    fields: { ...own, ...fields },
    expiresAt,
  };
}
