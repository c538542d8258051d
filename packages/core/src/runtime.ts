import type { Bytes } from "./storage-driver.ts";
import { NotSupportedError } from "./storage-errors.ts";

/** What we use of `node:crypto`, as far as the runtime has it. */
interface NodeCrypto {
  createHash(algorithm: "sha256"): IncrementalHash;
  createHmac(algorithm: "sha256", key: Uint8Array): IncrementalHash;
}

export interface IncrementalHash {
  update(data: Uint8Array): IncrementalHash;
  digest(): Uint8Array;
}

interface NodeProcess {
  getBuiltinModule?(name: "node:crypto"): NodeCrypto | undefined;
  emitWarning?(warning: string, options: { code: string }): void;
}

const runtime: { readonly process?: NodeProcess } = globalThis as { readonly process?: NodeProcess };

/** Asked for on first use, so that importing this package touches nothing. */
const nodeCrypto = (): NodeCrypto | undefined => runtime.process?.getBuiltinModule?.("node:crypto");

/** @throws NotSupportedError in a runtime without an incremental hash. */
export function sha256(): IncrementalHash {
  const hash = nodeCrypto()?.createHash("sha256");
  if (hash !== undefined) return hash;
  throw new NotSupportedError("this runtime cannot hash a stream");
}

/** `finish` of the HMAC-SHA256, at once where the runtime has `node:crypto`, else from WebCrypto. */
export function hmacSha256<T>(key: Bytes, text: string, finish: (mac: Uint8Array) => T): T | Promise<T> {
  const message = new TextEncoder().encode(text);
  const mac = nodeCrypto()?.createHmac("sha256", key).update(message).digest();
  return mac ? finish(mac) : webHmacSha256(key, message).then(finish);
}

async function webHmacSha256(key: Bytes, message: Bytes): Promise<Uint8Array> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const imported = await crypto.subtle.importKey("raw", key, algorithm, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, message));
}

/** Node's way to warn, which can be silenced by code; the console elsewhere. */
export function warn(message: string, code: string): void {
  const emit = runtime.process?.emitWarning ?? ((text) => console.warn(text));
  emit(message, { code });
}

export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function base64(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}
