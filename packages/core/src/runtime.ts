import type { Bytes } from "./storage-driver.ts";
import { NotSupportedError } from "./storage-errors.ts";

/** What we use of `node:crypto`, as far as the runtime has it. */
interface NodeCrypto {
  createHash(algorithm: "sha256"): IncrementalHash;
  createHmac(algorithm: "sha256", key: Uint8Array): IncrementalHash;
}

export interface IncrementalHash {
  update(data: Uint8Array): unknown;
  digest(): Uint8Array;
}

interface NodeProcess {
  getBuiltinModule?(name: "node:crypto"): NodeCrypto | undefined;
  emitWarning?(warning: string, options: { code: string }): void;
}

const runtime: { readonly process?: NodeProcess } = globalThis as { readonly process?: NodeProcess };

/** Asked for on first use, so that importing this package touches nothing. */
function nodeCrypto(): NodeCrypto | undefined {
  return runtime.process?.getBuiltinModule?.("node:crypto");
}

/** @throws NotSupportedError in a runtime without an incremental hash. */
export function sha256(): IncrementalHash {
  const crypto = nodeCrypto();
  if (crypto !== undefined) return crypto.createHash("sha256");
  throw new NotSupportedError(
    "this runtime has no incremental SHA-256: hand over the bytes instead of a stream",
  );
}

/** The digest at once where the runtime has `node:crypto`, else from WebCrypto. */
export function sha256Of(bytes: Bytes): Uint8Array | Promise<Uint8Array> {
  const hash = nodeCrypto()?.createHash("sha256");
  if (hash === undefined)
    return crypto.subtle.digest("SHA-256", bytes).then((digest) => new Uint8Array(digest));
  hash.update(bytes);
  return hash.digest();
}

/** HMAC-SHA256, at once where the runtime has `node:crypto`, else from WebCrypto. */
export function hmacSha256(key: Bytes, message: Bytes): Uint8Array | Promise<Uint8Array> {
  const hmac = nodeCrypto()?.createHmac("sha256", key);
  if (hmac === undefined) return webHmacSha256(key, message);
  hmac.update(message);
  return hmac.digest();
}

async function webHmacSha256(key: Bytes, message: Bytes): Promise<Uint8Array> {
  const imported = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, [
    "sign",
  ]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, message));
}

/** Node's way to warn, which can be silenced by code; the console elsewhere. */
export function warn(message: string, code: string): void {
  const emit = runtime.process?.emitWarning;
  if (emit === undefined) console.warn(`${code}: ${message}`);
  else emit(message, { code });
}

export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Without padding: RFC 4648, 5. */
export function base64url(bytes: Uint8Array): string {
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return btoa(binary).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

/** Undefined for what is not base64url. */
export function fromBase64url(text: string): Bytes | undefined {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) return undefined;
  try {
    return Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (character) =>
      character.charCodeAt(0),
    );
  } catch {
    return undefined;
  }
}
