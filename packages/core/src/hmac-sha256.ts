import { nodeCrypto, type SecretKey } from "./runtime.ts";
import type { Bytes } from "./storage-driver.ts";

/** Of `node:crypto`, made once for each: to make a key takes 10 µs, and to sign with it 2. */
const secretKeys = new WeakMap<Bytes, SecretKey>();

/** `finish` of the HMAC-SHA256, at once where the runtime has `node:crypto`, else from WebCrypto. */
export function hmacSha256<T>(key: Bytes, text: string, finish: (mac: Uint8Array) => T): T | Promise<T> {
  const message = new TextEncoder().encode(text);
  const mac = nodeHmacSha256(key, message);
  return mac ? finish(mac) : webHmacSha256(key, message).then(finish);
}

function nodeHmacSha256(key: Bytes, message: Bytes): Uint8Array | undefined {
  const node = nodeCrypto();
  if (node === undefined) return undefined;
  const secretKey = secretKeys.get(key) ?? node.createSecretKey(key);
  secretKeys.set(key, secretKey);
  return node.createHmac("sha256", secretKey).update(message).digest();
}

async function webHmacSha256(key: Bytes, message: Bytes): Promise<Uint8Array> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const imported = await crypto.subtle.importKey("raw", key, algorithm, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, message));
}
