import {
  InvalidArgumentError,
  NotSupportedError,
  type SignedParts,
  type SignedUpload,
  type UploadLink,
} from "@storage/core";
import type { Connection, Signing } from "./connection.ts";
import { beginUpload } from "./multipart.ts";
import { type Expiry, expiryOf, type Linked, urlOf } from "./presigning.ts";
import { largestPut, partSizeFor, type UploadSettings } from "./uploading.ts";

export interface UploadLinkSettings extends UploadSettings {
  readonly uploadChecksums: boolean;
}

/**
 * A link to PUT to, with its parts where they are asked for; or a form to POST.
 *
 * @throws NotSupportedError for terms that the service would not hold an upload to.
 */
export async function signUpload(
  connection: Connection,
  settings: UploadLinkSettings,
  key: string,
  link: UploadLink,
): Promise<SignedUpload> {
  checkTerms(settings, link);
  const signing = connection.signingAtHand ?? (await connection.signing());
  const expiry = expiryOf(signing.credentials, connection.now(), link.expiresIn);
  if (link.method === "POST") {
    const told = [key, ...Object.values(connection.objectHeaders.headersOf(link.attributes))];
    if (told.some((value) => filename.test(value)))
      throw new NotSupportedError("S3 puts the file's name in place of a form's dollar and {filename}");
    if (signing.endpoint.service.trimsForms && key !== key.trim())
      throw new NotSupportedError("this service drops blanks around the key of a form");
    return formOf(connection, signing, expiry, key, link);
  }
  const upload = putOf(connection, signing, expiry, key, link);
  if (!link.parts) return upload;
  return { ...upload, parts: await signedParts(connection, settings, signing, expiry, key, link) };
}

function checkTerms({ uploadChecksums }: UploadLinkSettings, link: UploadLink): void {
  const { method, parts, size, sha256 } = link;
  if (parts && size === undefined) throw new InvalidArgumentError("an upload in parts takes its size");
  const isRange = size === undefined && [link.minBytes, link.maxBytes].some((it) => it !== undefined);
  const rules: readonly (readonly [isBroken: boolean, rule: string])[] = [
    [
      sha256 !== undefined && (!uploadChecksums || parts),
      "nothing here would hold the upload against its checksum",
    ],
    [method === "POST" && parts, 'a form has no parts: use method "PUT"'],
    [
      link.ifNoneMatch !== undefined && (method === "POST" || parts),
      'neither a form nor an upload in parts has a condition: use method "PUT"',
    ],
    [
      method === "PUT" && isRange,
      'a signed PUT says one size: give size, or method "POST" for a range, where the service has forms',
    ],
  ];
  for (const [isBroken, rule] of rules) if (isBroken) throw new NotSupportedError(rule);
}

/** S3 puts the name of the file in its place, in every field, before it looks at the policy. */
const filename = /\$\{filename\}/;

function putOf(
  connection: Connection,
  signing: Signing,
  expiry: Expiry,
  key: string,
  { attributes, size, ifNoneMatch, sha256 }: UploadLink,
): SignedUpload {
  const headers = connection.objectHeaders.headersOf(attributes);
  if (ifNoneMatch !== undefined) headers["if-none-match"] = ifNoneMatch;
  if (sha256 !== undefined) headers["x-amz-checksum-sha256"] = inBase64(sha256);
  // A browser counts for itself, and refuses to be told.
  const signed = size === undefined ? headers : { ...headers, "content-length": String(size) };
  const url = urlOf(signing, { method: "PUT", key, query: {}, headers: signed }, expiry);
  return { method: "PUT", url, headers, expiresAt: expiry.expiresAt };
}

/** What a form says of an upload. */
export type FormTerms = Pick<UploadLink, "attributes" | "size" | "minBytes" | "maxBytes" | "sha256">;

/** A form with a policy ("Creating an HTML form" in the S3 API reference): it says a range of sizes, too. */
export function formOf(
  connection: Connection,
  { endpoint, signer, credentials, payer }: Signing,
  { now, expiresAt }: Expiry,
  key: string,
  { size, minBytes = size ?? 0, maxBytes = size ?? largestPut, attributes, sha256 }: FormTerms,
): SignedUpload {
  const own: Record<string, string> = { key, ...connection.objectHeaders.headersOf(attributes) };
  if (payer !== undefined) own["x-amz-request-payer"] = payer;
  if (sha256 !== undefined) own["x-amz-checksum-sha256"] = inBase64(sha256);
  const fields = signer.form(credentials, now, (signing) => ({
    expiration: expiresAt.toISOString(),
    conditions: [
      { bucket: connection.target.Bucket },
      ...Object.entries({ ...own, ...signing }).map(([name, value]) => ({ [name]: value })),
      ["content-length-range", minBytes, maxBytes],
    ],
  }));
  const { protocol, host, path } = endpoint;
  return {
    method: "POST",
    url: `${protocol}//${host}${path}`,
    headers: {},
    fields: { ...own, ...fields },
    expiresAt,
  };
}

const inBase64 = (hex: string): string => Buffer.from(hex, "hex").toString("base64");

/** The upload is begun by us, since its attributes are told then; each part is held to its size. */
async function signedParts(
  connection: Connection,
  settings: UploadLinkSettings,
  signing: Signing,
  expiry: Expiry,
  key: string,
  { attributes, size = 0, attempt }: UploadLink,
): Promise<SignedParts> {
  const input = { Key: key, ...connection.objectHeaders.inputOf(attributes) };
  const uploadId = await attempt((signal) => beginUpload(connection, input, signal));
  const linkTo = (method: Linked["method"], query: Linked["query"], headers: Linked["headers"]): string =>
    urlOf(signing, { method, key, query: { ...query, uploadId }, headers }, expiry);
  const partSize = partSizeFor(settings, size);
  const count = Math.max(1, Math.ceil(size / partSize));
  return {
    partSize,
    urls: Array.from({ length: count }, (_, at) => {
      const length = Math.min(partSize, size - at * partSize);
      return linkTo("PUT", { partNumber: String(at + 1) }, { "content-length": String(length) });
    }),
    completeUrl: linkTo("POST", {}, {}),
    abortUrl: linkTo("DELETE", {}, {}),
  };
}
