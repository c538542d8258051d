import { type Link, UnauthenticatedError } from "@storage/core";
import type { Connection, Signing } from "./connection.ts";
import { encodeKey } from "./keys.ts";
import type { Credentials } from "./signing.ts";
import { withoutCopySource } from "./without-copy-source.ts";

export interface LinkSettings {
  /** Where everybody reads the bucket. Ends with a slash. */
  readonly publicUrl: string | undefined;
}

/**
 * A string with credentials at hand, else a promise of one. Under `publicUrl` nothing is signed, unless
 * the link says what the answer is to look like.
 */
export function signUrl(
  connection: Connection,
  { publicUrl }: LinkSettings,
  key: string,
  link: Link,
): string | (() => Promise<string>) {
  const query: Record<string, string> = {};
  if (link.disposition !== undefined) query["response-content-disposition"] = link.disposition;
  if (link.contentType !== undefined) query["response-content-type"] = link.contentType;
  if (link.cacheControl !== undefined) query["response-cache-control"] = link.cacheControl;
  if (publicUrl !== undefined && Object.keys(query).length === 0) return publicUrl + encodeKey(key);
  const expiry = (signing: Signing): Expiry =>
    expiryOf(signing.credentials, connection.now(), link.expiresIn);
  const sign = (signing: Signing): string =>
    urlOf(signing, { method: "GET", key, query, headers: {} }, expiry(signing));
  const signing = connection.signingAtHand;
  return signing ? sign(signing) : async () => sign(await connection.signing());
}

/** What a link is for. */
export interface Linked {
  readonly method: "GET" | "PUT" | "POST" | "DELETE";
  readonly key: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
}

/** From now on, so many seconds. */
export interface Expiry {
  readonly now: Date;
  readonly seconds: number;
  readonly expiresAt: Date;
}

export function urlOf(
  { endpoint, signer, credentials, payer }: Signing,
  { method, key, query: own, headers }: Linked,
  { now, seconds }: Expiry,
): string {
  const { protocol, host, path, service } = endpoint;
  const query = payer === undefined ? own : { ...own, "x-amz-request-payer": payer };
  const request = { method, host, path: path + encodeKey(key), query, headers };
  const signable = withoutCopySource(service, request);
  return `${protocol}//${host}${signable.path}?${signer.query(signable, credentials, now, seconds)}`;
}

/**
 * A link is refused with the credentials that signed it, so that it says no longer.
 *
 * @throws UnauthenticatedError for credentials that have expired.
 */
export function expiryOf({ expiration }: Credentials, now: Date, wanted: number): Expiry {
  const left = expiration ? Math.floor((expiration.getTime() - now.getTime()) / 1000) : wanted;
  if (left < 1) throw new UnauthenticatedError("the credentials have expired: a link by them would not open");
  const seconds = Math.min(wanted, left);
  return { now, seconds, expiresAt: new Date(now.getTime() + seconds * 1000) };
}
