import { createHash, createHmac } from "node:crypto";
import { failure, type Reply } from "./replies.ts";
import type { ShapeRequest } from "./requests.ts";

/** What the servers of these tests know. */
export const accessKeyId = "AKIASHAPES";
export const secretAccessKey = "a secret of the shapes";

interface Signed {
  readonly credential: string;
  readonly date: string;
  readonly names: string;
  readonly signature: string;
  readonly payload: string;
  /** The canonical query: without the signature itself. */
  readonly query: string;
}

/**
 * "Authenticating Requests (AWS Signature Version 4)" in the S3 API reference, in headers and in a query.
 * Written from that page, not from the code under test: what both get wrong would pass.
 *
 * @returns the refusal, if there is one.
 */
export function refusedSignature(request: ShapeRequest, now: Date): Reply | undefined {
  const signed = signedBy(request);
  if (signed === undefined) return failure(403, "AccessDenied", "Access Denied");
  const expires = Number(request.query["X-Amz-Expires"] ?? 0) * 1000;
  if (expires > 0 && signedAt(request).getTime() + expires < now.getTime())
    return failure(403, "AccessDenied", "Request has expired");
  const [id, ...scope] = signed.credential.split("/");
  if (id !== accessKeyId)
    return failure(403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist.");
  const lines = signed.names
    .split(";")
    .map((name) => `${name}:${request.headers[name]?.trim().replace(/ +/g, " ")}\n`);
  const canonical = [
    request.method,
    request.path,
    signed.query,
    lines.join(""),
    signed.names,
    signed.payload,
  ].join("\n");
  const toSign = ["AWS4-HMAC-SHA256", signed.date, scope.join("/"), sha256(canonical)].join("\n");
  const key = scope.reduce<Buffer>(hmac, Buffer.from(`AWS4${secretAccessKey}`));
  if (hmac(key, toSign).toString("hex") !== signed.signature)
    return failure(403, "SignatureDoesNotMatch", "The request signature we calculated does not match.");
  const isHash = /^[0-9a-f]{64}$/.test(signed.payload);
  if (isHash && sha256(request.body) !== signed.payload)
    return failure(400, "XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' does not match.");
  return undefined;
}

/** The region that a request was signed for. */
export function regionOf(request: ShapeRequest): string {
  return signedBy(request)?.credential.split("/")[2] ?? "";
}

/** When it was signed. */
export function signedAt(request: ShapeRequest): Date {
  const form = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;
  return new Date((signedBy(request)?.date ?? "").replace(form, "$1-$2-$3T$4:$5:$6Z"));
}

function signedBy({ headers, query, queryText }: ShapeRequest): Signed | undefined {
  const pairs = queryText
    .split("&")
    .filter((pair) => pair !== "" && !pair.startsWith("X-Amz-Signature="))
    .map((pair) => (pair.includes("=") ? pair : `${pair}=`));
  const canonicalQuery = pairs.sort().join("&");
  const found = /^AWS4-HMAC-SHA256 Credential=(\S+), SignedHeaders=(\S+), Signature=(\S+)$/.exec(
    headers.authorization ?? "",
  );
  if (found) {
    const [, credential = "", names = "", signature = ""] = found;
    const date = headers["x-amz-date"] ?? "";
    return {
      credential,
      date,
      names,
      signature,
      payload: headers["x-amz-content-sha256"] ?? "",
      query: canonicalQuery,
    };
  }
  const signature = query["X-Amz-Signature"];
  if (signature === undefined) return undefined;
  return {
    credential: query["X-Amz-Credential"] ?? "",
    date: query["X-Amz-Date"] ?? "",
    names: query["X-Amz-SignedHeaders"] ?? "",
    signature,
    payload: "UNSIGNED-PAYLOAD",
    query: canonicalQuery,
  };
}

const hmac = (key: Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();
const sha256 = (data: string | Buffer): string => createHash("sha256").update(data).digest("hex");
