import { base64url, fromBase64url, hmacSha256, warn } from "./runtime.ts";
import type {
  SignedRequest,
  SignedUpload,
  SignedUploadTerms,
  Signer,
  StorageBackend,
} from "./storage-backend.ts";
import type { Bytes, Link, UploadLink } from "./storage-driver.ts";
import { ConfigurationError, PermissionDeniedError } from "./storage-errors.ts";
import { validateKey } from "./validate-key.ts";

/** In the signed text, so that a later form of links can never be taken for this one. */
const version = "storage-link-1";
const shortestSecret = 16;

export interface UrlSignerOptions {
  /** Where a handler serves the files. Default: http://localhost:8000/files. */
  readonly baseUrl?: string | undefined;
  /** At least 16 bytes. The first signs, all verify. Default: a random one, with a warning. */
  readonly secret?: string | readonly string[] | undefined;
  /** What the links belong to beside the URL: links of one mount are refused by every other. */
  readonly mount: string;
  readonly backend: () => StorageBackend;
}

type Parameters = ReadonlyMap<string, string>;

/**
 * Links of our own, as `{baseUrl}/{key}?expires=…&signature=…`: an HMAC-SHA256 binds method, mount,
 * key, expiry and every other parameter.
 */
export class UrlSigner implements Signer {
  readonly basePath: string;
  readonly #baseUrl: string;
  readonly #mount: string;
  readonly #backend: () => StorageBackend;
  readonly #secrets: readonly Bytes[];
  #warn: boolean;

  /** @throws ConfigurationError */
  constructor({ baseUrl = "http://localhost:8000/files", secret, mount, backend }: UrlSignerOptions) {
    const url = parsedBase(baseUrl);
    this.basePath = url.pathname.replace(/\/+$/, "");
    this.#baseUrl = url.origin + this.basePath;
    this.#mount = mount;
    this.#backend = backend;
    this.#warn = secret === undefined;
    this.#secrets = secretsOf(secret);
  }

  get backend(): StorageBackend {
    return this.#backend();
  }

  /** At once where the runtime has `node:crypto`. */
  signUrl(key: string, link: Link): string | (() => Promise<string>) {
    const signed = this.#sign("GET", key, expiryAfter(link.expiresIn), {
      disposition: link.disposition,
      type: link.contentType,
      cache: link.cacheControl,
    });
    return typeof signed === "string" ? signed : () => signed;
  }

  async signUpload(key: string, link: UploadLink): Promise<SignedUpload> {
    const { attributes, parts, size, minBytes, maxBytes, ifNoneMatch, sha256 } = link;
    const terms: SignedUploadTerms = { attributes, parts, size, minBytes, maxBytes, ifNoneMatch, sha256 };
    const expires = expiryAfter(link.expiresIn);
    return {
      method: "PUT",
      url: await this.#sign("PUT", key, expires, { upload: JSON.stringify(terms) }),
      headers: { "content-type": attributes.contentType },
      expiresAt: new Date(expires * 1000),
    };
  }

  async verify(request: { readonly method: string; readonly url: string }): Promise<SignedRequest> {
    const method = methodOf(request.method);
    const { path, parameters } = parsedRequest(request.url);
    const key = this.#keyOf(path);
    const { signature = "", ...signed } = Object.fromEntries(parameters);
    const given = fromBase64url(signature) ?? new Uint8Array();
    const text = canonical(method, this.#mount, this.basePath, key, new Map(Object.entries(signed)));
    let valid = false;
    for (const secret of this.#secrets) valid = sameBytes(await hmacSha256(secret, text), given) || valid;
    if (!valid) throw new PermissionDeniedError("the link's signature is not valid", { key });
    const expires = Number(signed.expires);
    if (!(Date.now() < expires * 1000)) throw new PermissionDeniedError("the link has expired", { key });
    return {
      key,
      method,
      expiresAt: new Date(expires * 1000),
      disposition: signed.disposition,
      contentType: signed.type,
      cacheControl: signed.cache,
      upload: signed.upload === undefined ? undefined : JSON.parse(signed.upload),
    };
  }

  #sign(
    method: "GET" | "PUT",
    key: string,
    expires: number,
    optional: Readonly<Record<string, string | undefined>>,
  ): string | Promise<string> {
    const parameters = new Map([["expires", String(expires)]]);
    for (const [name, value] of Object.entries(optional))
      if (value !== undefined) parameters.set(name, value);
    const signature = hmacSha256(
      this.#secret(),
      canonical(method, this.#mount, this.basePath, key, parameters),
    );
    const urlWith = (bytes: Uint8Array): string => {
      const path = key.split("/").map(encodeURIComponent).join("/");
      const query = [...parameters, ["signature", base64url(bytes)] as const];
      return `${this.#baseUrl}/${path}?${query.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&")}`;
    };
    return signature instanceof Promise ? signature.then(urlWith) : urlWith(signature);
  }

  #secret(): Bytes {
    if (this.#warn) {
      this.#warn = false;
      warn(
        "links are signed with a random secret and die with this process: set the option secret or STORAGE_URL_SECRET",
        "STORAGE_RANDOM_SECRET",
      );
    }
    return this.#secrets[0] ?? new Uint8Array();
  }

  /** One reading of a path: no segment may decode to what holds a slash or is no key. */
  #keyOf(path: string): string {
    if (!path.startsWith(`${this.basePath}/`)) throw forged();
    const segments = path.slice(this.basePath.length + 1).split("/");
    const decoded = segments.map(decode);
    if (decoded.some((segment) => segment.includes("/"))) throw forged();
    const key = decoded.join("/");
    try {
      validateKey(key);
    } catch {
      throw forged();
    }
    return key;
  }
}

const expiryAfter = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;

const forged = (): PermissionDeniedError => new PermissionDeniedError("the link is not one of ours");

function parsedBase(baseUrl: string): URL {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  const plain = url !== undefined && /^https?:$/.test(url.protocol) && url.search === "" && url.hash === "";
  if (plain && url.username === "") return url;
  throw new ConfigurationError(
    "baseUrl is an absolute http(s) URL without a query, such as https://example.com/files",
  );
}

function secretsOf(secret: string | readonly string[] | undefined): readonly Bytes[] {
  if (secret === undefined) return [crypto.getRandomValues(new Uint8Array(32))];
  const all: readonly unknown[] = typeof secret === "string" ? [secret] : secret;
  const secrets = all.map((one) => new TextEncoder().encode(typeof one === "string" ? one : ""));
  if (secrets.length > 0 && secrets.every((bytes) => bytes.length >= shortestSecret)) return secrets;
  throw new ConfigurationError(
    `secret is a string of at least ${shortestSecret} bytes, or a list of such strings`,
  );
}

function methodOf(method: string): "GET" | "PUT" {
  if (method === "GET" || method === "HEAD") return "GET";
  if (method === "PUT") return "PUT";
  throw new PermissionDeniedError("the link does not allow this method");
}

/** As JSON, in which no value can end early and begin another one. */
function canonical(
  method: string,
  mount: string,
  basePath: string,
  key: string,
  parameters: Parameters,
): Bytes {
  const sorted = [...parameters].sort(([a], [b]) => (a < b ? -1 : 1));
  return new TextEncoder().encode(JSON.stringify([version, method, mount, basePath, key, sorted]));
}

/** By hand: `new URL` would resolve dot segments, and so turn one key into another. */
function parsedRequest(url: string): { path: string; parameters: Parameters } {
  const withoutOrigin = url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, "").replace(/#.*$/s, "");
  const [path = "", ...rest] = withoutOrigin.split("?");
  const parameters = new Map<string, string>();
  for (const pair of rest.join("?").split("&")) {
    const [name = "", ...value] = pair.split("=").map(decode);
    if (parameters.has(name)) throw new PermissionDeniedError("the link names a parameter twice");
    parameters.set(name, value.join("="));
  }
  return { path, parameters };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw forged();
  }
}

/** In a time that does not tell where they differ. */
function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (const [index, byte] of a.entries()) difference |= byte ^ (b[index] ?? 0);
  return difference === 0;
}
