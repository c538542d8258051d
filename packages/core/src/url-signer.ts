import { base64, hmacSha256, warn } from "./runtime.ts";
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
  #warns: boolean;

  /** @throws ConfigurationError */
  constructor({ baseUrl = "http://localhost:8000/files", secret, mount, backend }: UrlSignerOptions) {
    const { origin, pathname } = parsedBase(baseUrl);
    this.basePath = pathname.replace(/\/+$/, "");
    this.#baseUrl = origin + this.basePath;
    this.#mount = mount;
    this.#backend = backend;
    this.#warns = secret === undefined;
    this.#secrets = secretsOf(secret);
  }

  get backend(): StorageBackend {
    return this.#backend();
  }

  /** At once where the runtime has `node:crypto`. */
  signUrl(key: string, link: Link): string | (() => Promise<string>) {
    const { disposition, contentType: type, cacheControl: cache } = link;
    const signed = this.#sign("GET", key, expiryAfter(link.expiresIn), { disposition, type, cache });
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
    const [, path = "", query = ""] = urlForm.exec(request.url) ?? [];
    const key = this.#keyOf(path);
    const parameters = new URLSearchParams(query);
    const names = [...parameters.keys()];
    if (new Set(names).size < names.length) throw denied("the link names a parameter twice");
    const given = parameters.get("signature") ?? "";
    parameters.delete("signature");
    // What is no parameter at all, as between && or at the end, is passed over by URLSearchParams.
    let valid = false;
    const isTidy = names.length === query.split("&").length;
    for (const secret of this.#secrets) {
      const expected = signatureOf(await this.#mac(secret, method, key, parameters));
      valid = (sameText(expected, given) && isTidy) || valid;
    }
    if (!valid) throw denied("the link's signature is not valid");
    const expires = Number(parameters.get("expires")) * 1000;
    if (expires <= Date.now()) throw denied("the link has expired");
    const text = (name: string): string | undefined => parameters.get(name) ?? undefined;
    const upload = text("upload");
    return {
      key,
      method,
      expiresAt: new Date(expires),
      disposition: text("disposition"),
      contentType: text("type"),
      cacheControl: text("cache"),
      upload: upload === undefined ? undefined : JSON.parse(upload),
    };
  }

  #sign(
    method: "GET" | "PUT",
    key: string,
    expires: number,
    optional: Readonly<Record<string, string | undefined>>,
  ): string | Promise<string> {
    const parameters = new URLSearchParams({ expires: String(expires) });
    for (const [name, value] of Object.entries(optional))
      if (value !== undefined) parameters.set(name, value);
    const path = key.split("/").map(encodeURIComponent).join("/");
    const withSignature = (mac: Uint8Array): string =>
      `${this.#baseUrl}/${path}?${parameters}&signature=${signatureOf(mac)}`;
    const mac = this.#mac(this.#secret(), method, key, parameters);
    return mac instanceof Promise ? mac.then(withSignature) : withSignature(mac);
  }

  /** Of JSON, in which no value can end early and begin another one. */
  #mac(
    secret: Bytes,
    method: string,
    key: string,
    parameters: URLSearchParams,
  ): Uint8Array | Promise<Uint8Array> {
    const sorted = [...parameters].sort(([a], [b]) => (a < b ? -1 : 1));
    const signed = JSON.stringify([version, method, this.#mount, this.basePath, key, sorted]);
    return hmacSha256(secret, new TextEncoder().encode(signed));
  }

  #secret(): Bytes {
    if (this.#warns) {
      this.#warns = false;
      warn(
        "links are signed with a random secret and die with this process: set the option secret or STORAGE_URL_SECRET",
        "STORAGE_RANDOM_SECRET",
      );
    }
    return this.#secrets[0] ?? new Uint8Array();
  }

  /** One reading of a path: no segment may decode to what holds a slash, or is no key. */
  #keyOf(path: string): string {
    const start = `${this.basePath}/`;
    try {
      const segments = path.slice(start.length).split("/").map(decodeURIComponent);
      const key = segments.join("/");
      validateKey(key);
      if (path.startsWith(start) && !segments.some((segment) => segment.includes("/"))) return key;
    } catch {}
    throw denied("the link is not one of ours");
  }
}

const expiryAfter = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;

const denied = (reason: string): PermissionDeniedError => new PermissionDeniedError(reason);

/** Path and query, by hand: `new URL` would resolve dot segments, and so turn one key into another. */
const urlForm = /^(?:[a-z][a-z0-9+.-]*:\/\/[^/?#]*)?([^?#]*)\??([^#]*)/i;

function parsedBase(baseUrl: string): URL {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  const { protocol, username, search, hash } = url ?? {};
  if (url && /^https?:$/.test(protocol ?? "") && !(username || search || hash)) return url;
  throw new ConfigurationError(
    "baseUrl is an absolute http(s) URL without a query, such as https://example.com/files",
  );
}

function secretsOf(secret: string | readonly string[] | undefined): readonly Bytes[] {
  if (secret === undefined) return [crypto.getRandomValues(new Uint8Array(32))];
  const all: readonly unknown[] = Array.isArray(secret) ? secret : [secret];
  const secrets = all.map((one) => new TextEncoder().encode(typeof one === "string" ? one : ""));
  if (secrets[0] && secrets.every((bytes) => bytes.length >= shortestSecret)) return secrets;
  throw new ConfigurationError(
    `secret is a string of at least ${shortestSecret} bytes, or a list of such strings`,
  );
}

function methodOf(method: string): "GET" | "PUT" {
  if (method === "HEAD") return "GET";
  if (method === "GET" || method === "PUT") return method;
  throw denied("the link does not allow this method");
}

/** Without padding: RFC 4648, 5. */
const signatureOf = (mac: Uint8Array): string =>
  base64(mac).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");

/** As text, since other text may stand for the same bytes; in a time that does not tell where they differ. */
function sameText(expected: string, given: string): boolean {
  let difference = expected.length ^ given.length;
  for (let index = 0; index < expected.length; index++)
    difference |= expected.charCodeAt(index) ^ given.charCodeAt(index);
  return difference === 0;
}
