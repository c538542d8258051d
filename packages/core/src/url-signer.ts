// Of this package, all that the root has too comes by its name: a second copy of an error's class would
// be no instance of the first.
import {
  type Bytes,
  ConfigurationError,
  InvalidArgumentError,
  type Link,
  NotSupportedError,
  PermissionDeniedError,
  type SignedParts,
  type SignedRequest,
  type SignedUpload,
  type Signer,
  type StorageBackend,
  type UploadLink,
  validateKey,
} from "@storage/core";
import { hmacSha256 } from "./hmac-sha256.ts";
import { runtime } from "./runtime.ts";

export { sweepParts } from "./sweep-parts.ts";

/** In the signed text, so that a later form of links can never be taken for this one. */
const version = "storage-link-1";
const shortestSecret = 16;
/** Bytes of a part, of which there is more than one: little is sent again after a failure. */
const smallestPart = 8 * 1024 * 1024;
/** Each has a link of its own, of some 200 bytes: all of them still make a short answer. */
const mostParts = 1000;

/** What a link has to be signed for, by the method of a request. */
const methods: ReadonlyMap<string, SignedRequest["method"]> = new Map([
  ["GET", "GET"],
  ["HEAD", "GET"],
  ["PUT", "PUT"],
  ["POST", "POST"],
  ["DELETE", "DELETE"],
]);

export interface UrlSignerOptions {
  /** Where a handler serves the files. Default: http://localhost:8000/files. */
  readonly baseUrl?: string | undefined;
  /** At least 16 bytes. The first signs, all verify. Default: a random one, with a warning. */
  readonly secret?: string | readonly string[] | undefined;
  /** What the links belong to beside the URL: links of one mount are refused by every other. */
  readonly mount: string;
  readonly backend: () => StorageBackend;
  /** `Signer.parts`. Default: no uploads in parts. */
  readonly parts?: (() => StorageBackend) | undefined;
}

/**
 * Links of our own, as `{baseUrl}/{key}?expires=…&signature=…`: an HMAC-SHA256 binds method, mount,
 * key, expiry and every other parameter.
 */
export class UrlSigner implements Signer {
  readonly basePath: string;
  readonly #origin: string;
  readonly #mount: string;
  readonly #backend: () => StorageBackend;
  readonly #parts: (() => StorageBackend) | undefined;
  readonly #secrets: readonly Bytes[];
  #warns: boolean;

  /** @throws ConfigurationError */
  constructor({ baseUrl = "http://localhost:8000/files", secret, mount, backend, parts }: UrlSignerOptions) {
    const [, origin = "", basePath = ""] = baseForm.exec(baseUrl) ?? [];
    const random = [crypto.getRandomValues(new Uint8Array(32))];
    const secrets = secret === undefined ? random : [secret].flat().map((it) => new TextEncoder().encode(it));
    if (!origin || !secrets[0] || secrets.some((it) => it.length < shortestSecret)) {
      throw new ConfigurationError(
        `baseUrl is an http(s) URL without a query, and secret has ${shortestSecret} bytes or more`,
      );
    }
    this.basePath = basePath;
    this.#origin = origin;
    this.#mount = mount;
    this.#backend = backend;
    this.#parts = parts;
    this.#secrets = secrets;
    this.#warns = secret === undefined;
  }

  get backend(): StorageBackend {
    return this.#backend();
  }

  get parts(): StorageBackend | undefined {
    return this.#parts?.();
  }

  /** At once where the runtime has `node:crypto`. */
  signUrl(
    key: string,
    { expiresIn, disposition, contentType, cacheControl }: Link,
  ): string | (() => Promise<string>) {
    const parameters = { expires: expiryAfter(expiresIn), disposition, contentType, cacheControl };
    const signed = this.#sign("GET", key, parameters);
    return typeof signed === "string" ? signed : () => signed;
  }

  /**
   * @throws InvalidArgumentError for parts of what has no size.
   * @throws NotSupportedError for parts where these have no place to wait.
   */
  async signUpload(key: string, link: UploadLink): Promise<SignedUpload> {
    const { method: _, signal: __, attempt: ___, expiresIn, ...terms } = link;
    const { parts, size } = terms;
    if (parts && size === undefined) throw new InvalidArgumentError("an upload in parts takes its size");
    if (parts && !this.#parts) throw new NotSupportedError("there is no place for parts here");
    const expires = expiryAfter(expiresIn);
    const upload = JSON.stringify(terms);
    return {
      method: "PUT",
      url: await this.#sign("PUT", key, { expires, upload }),
      headers: { "content-type": terms.attributes.contentType },
      expiresAt: new Date(expires * 1000),
      ...(parts && { parts: await this.#signParts(key, expires, size ?? 0, upload) }),
    };
  }

  /** What holds for the whole is in one link only, that of the end; each part is held to its size. */
  async #signParts(key: string, expires: number, size: number, upload: string): Promise<SignedParts> {
    const partSize = Math.max(smallestPart, Math.ceil(size / mostParts));
    const count = Math.max(1, Math.ceil(size / partSize));
    // In lower case, since the folder of a disk may not know it from upper case.
    const uploadId = crypto.randomUUID().replaceAll("-", "").slice(-20);
    const sign = async (method: string, more: object): Promise<string> =>
      this.#sign(method, key, { expires, uploadId, ...more });
    const urls = Array.from({ length: count }, (_, at) =>
      sign("PUT", { part: at + 1, partSize: Math.min(partSize, size - at * partSize) }),
    );
    return {
      partSize,
      urls: await Promise.all(urls),
      completeUrl: await sign("POST", { partSize, upload }),
      abortUrl: await sign("DELETE", {}),
    };
  }

  async verify(request: { readonly method: string; readonly url: string }): Promise<SignedRequest> {
    const method = methods.get(request.method);
    const [, path = "", query = ""] = urlForm.exec(request.url) ?? [];
    const key = this.#keyOf(path);
    const parameters = new URLSearchParams(query);
    if (!method || (/POST|DELETE/.test(method) && !parameters.has("uploadId")))
      throw denied("the link does not allow this method");
    const names = [...parameters.keys()];
    if (new Set(names).size < names.length) throw denied("the link names a parameter twice");
    const given = parameters.get("signature") ?? "";
    parameters.delete("signature");
    // What is no parameter at all, as between && or at the end, is passed over by URLSearchParams.
    const isTidy = names.length === query.split("&").length;
    let isValid = false;
    for (const secret of this.#secrets) {
      const expected = await this.#signature(secret, method, key, parameters, (it) => it);
      isValid = (isSame(expected, given) && isTidy) || isValid;
    }
    if (!isValid) throw denied("the link's signature is not valid");
    const { expires, upload, part, partSize, ...others } = Object.fromEntries(parameters);
    const expiresAt = new Date(Number(expires) * 1000);
    if (expiresAt.getTime() <= Date.now()) throw denied("the link has expired");
    return {
      key,
      method,
      expiresAt,
      ...others,
      upload: upload && JSON.parse(upload),
      part: numberIn(part),
      partSize: numberIn(partSize),
    };
  }

  #sign(method: string, key: string, parameters: object): string | Promise<string> {
    const [secret = new Uint8Array()] = this.#secrets;
    if (this.#warns) warnOfSecret();
    this.#warns = false;
    // By way of JSON, which leaves out what is undefined.
    const query = new URLSearchParams(JSON.parse(JSON.stringify(parameters)));
    const path = key.split("/").map(encodeURIComponent).join("/");
    const url = `${this.#origin}${this.basePath}/${path}?${query}&signature=`;
    return this.#signature(secret, method, key, query, (signature) => url + signature);
  }

  /** Of JSON, in which no value can end early and begin another one; in base64url, RFC 4648, 5. */
  #signature<T>(
    secret: Bytes,
    method: string,
    key: string,
    parameters: URLSearchParams,
    finish: (signature: string) => T,
  ): T | Promise<T> {
    const sorted = [...parameters].sort(([a], [b]) => (a < b ? -1 : 1));
    const text = JSON.stringify([version, method, this.#mount, this.basePath, key, sorted]);
    return hmacSha256(secret, text, (mac) => {
      const base64 = btoa(String.fromCharCode(...mac));
      return finish(base64.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", ""));
    });
  }

  /** One reading of a path: no segment may decode to what holds a slash, or is no key. */
  #keyOf(path: string): string {
    const start = `${this.basePath}/`;
    try {
      const segments = path.slice(start.length).split("/").map(decodeURIComponent);
      const key = segments.join("/");
      validateKey(key);
      if (path.startsWith(start) && segments.length === key.split("/").length) return key;
    } catch {}
    throw denied("the link is not one of ours");
  }
}

/** Node's way to warn, which can be silenced by code; the console elsewhere. */
function warnOfSecret(): void {
  const emit = runtime.process?.emitWarning ?? ((text) => console.warn(text));
  emit("links end with this process: set the option secret, or STORAGE_URL_SECRET", {
    code: "STORAGE_RANDOM_SECRET",
  });
}

const expiryAfter = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;

const numberIn = (text: string | undefined): number | undefined => (text ? Number(text) : undefined);

const denied = (reason: string): PermissionDeniedError => new PermissionDeniedError(reason);

const baseForm = /^(?=[!-~]+$)(https?:\/\/[^/?#@]+)((?:\/[^?#]*[^?#/])?)\/*$/i;
/** Path and query, by hand: `new URL` would resolve dot segments, and so turn one key into another. */
const urlForm = /^(?:[a-z][a-z0-9+.-]*:\/\/[^/?#]*)?([^?#]*)\??([^#]*)/i;

/** As text, since other text may stand for the same bytes; in a time that does not tell where they differ. */
function isSame(expected: string, given: string): boolean {
  let difference = expected.length ^ given.length;
  for (let index = 0; index < expected.length; index++)
    difference |= expected.charCodeAt(index) ^ given.charCodeAt(index);
  return difference === 0;
}
