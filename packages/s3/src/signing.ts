import type { KeyObject } from "node:crypto";
import { nodeCrypto } from "./builtins.ts";
import { encodeText } from "./keys.ts";

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

/** What is signed of a request: its path is encoded already, its header names are lower case. */
export interface Signable {
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  /** Names of headers that are signed and not sent. */
  readonly absent?: readonly string[];
}

export const unsignedPayload = "UNSIGNED-PAYLOAD";
const algorithm = "AWS4-HMAC-SHA256";
const service = "s3";

const hmac = (key: Buffer | KeyObject, text: string): Buffer =>
  nodeCrypto().createHmac("sha256", key).update(text).digest();

/**
 * Signature version 4, in the forms that S3 has: headers, query and form policy ("Authenticating
 * Requests (AWS Signature Version 4)" in the S3 API reference). The key of a day is derived once.
 */
export class Signer {
  readonly #region: string;
  #key: { readonly of: string; readonly key: KeyObject } | undefined;

  constructor(region: string) {
    this.#region = region;
  }

  /** The headers to be sent: those given, and those of the signature. */
  headers(request: Signable, credentials: Credentials, now: Date, payload: string): Record<string, string> {
    const { sessionToken } = credentials;
    const time = timeOf(now);
    const headers: Record<string, string> = {
      ...request.headers,
      host: request.host,
      "x-amz-date": time,
      "x-amz-content-sha256": payload,
    };
    if (sessionToken !== undefined) headers["x-amz-security-token"] = sessionToken;
    const { names, signature } = this.#sign({ ...request, headers }, credentials, time, payload);
    const credential = `${credentials.accessKeyId}/${this.#scope(time)}`;
    headers.authorization = `${algorithm} Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`;
    return headers;
  }

  /** The query of a link that lives for so many seconds. */
  query(request: Signable, credentials: Credentials, now: Date, expiresIn: number): string {
    const { accessKeyId, sessionToken } = credentials;
    const time = timeOf(now);
    const headers = { ...request.headers, host: request.host };
    const query: Record<string, string> = {
      ...request.query,
      "X-Amz-Algorithm": algorithm,
      "X-Amz-Content-Sha256": unsignedPayload,
      "X-Amz-Credential": `${accessKeyId}/${this.#scope(time)}`,
      "X-Amz-Date": time,
      "X-Amz-Expires": String(expiresIn),
      "X-Amz-SignedHeaders": signedNames(headers, request.absent),
    };
    if (sessionToken !== undefined) query["X-Amz-Security-Token"] = sessionToken;
    const { signature } = this.#sign({ ...request, headers, query }, credentials, time, unsignedPayload);
    return `${queryOf(query)}&X-Amz-Signature=${signature}`;
  }

  /** The fields of a form; a policy has a condition for each of them. */
  form(
    credentials: Credentials,
    now: Date,
    policyOf: (fields: Readonly<Record<string, string>>) => object,
  ): Record<string, string> {
    const { accessKeyId, sessionToken } = credentials;
    const time = timeOf(now);
    const fields: Record<string, string> = {
      "x-amz-algorithm": algorithm,
      "x-amz-credential": `${accessKeyId}/${this.#scope(time)}`,
      "x-amz-date": time,
    };
    if (sessionToken !== undefined) fields["x-amz-security-token"] = sessionToken;
    const policy = Buffer.from(JSON.stringify(policyOf(fields))).toString("base64");
    const signature = hmac(this.#keyOf(credentials, time), policy).toString("hex");
    return { ...fields, policy, "x-amz-signature": signature };
  }

  #sign(
    { method, path, query, headers, absent }: Signable,
    credentials: Credentials,
    time: string,
    payload: string,
  ): { names: string; signature: string } {
    const names = signedNames(headers, absent);
    const lines = Object.keys(headers)
      .sort()
      .map((name) => `${name}:${(headers[name] ?? "").trim().replace(/ +/g, " ")}`);
    const canonical = [method, path, queryOf(query), ...lines, "", names, payload].join("\n");
    const toSign = [algorithm, time, this.#scope(time), nodeCrypto().hash("sha256", canonical)].join("\n");
    return { names, signature: hmac(this.#keyOf(credentials, time), toSign).toString("hex") };
  }

  #scope(time: string): string {
    return `${time.slice(0, 8)}/${this.#region}/${service}/aws4_request`;
  }

  /** A key of bytes would be made ready for each request anew, which costs more than the signature. */
  #keyOf({ secretAccessKey }: Credentials, time: string): KeyObject {
    const of = time.slice(0, 8) + secretAccessKey;
    if (this.#key?.of !== of) {
      const parts = [time.slice(0, 8), this.#region, service, "aws4_request"];
      const bytes = parts.reduce<Buffer>(hmac, Buffer.from(`AWS4${secretAccessKey}`));
      this.#key = { of, key: nodeCrypto().createSecretKey(bytes) };
    }
    return this.#key.key;
  }
}

/** `20260131T235959Z`. */
function timeOf(now: Date): string {
  return `${now.toISOString().slice(0, 19).replace(/[-:]/g, "")}Z`;
}

function signedNames(headers: Readonly<Record<string, string>>, absent: readonly string[] = []): string {
  return [...Object.keys(headers), ...absent].sort().join(";");
}

/** Encoded, in the order that is signed. */
export function queryOf(query: Readonly<Record<string, string>>): string {
  const names = Object.keys(query).sort();
  return names.map((name) => `${encodeText(name)}=${encodeText(query[name] ?? "")}`).join("&");
}
