import { nodeCrypto } from "./runtime.ts";
import type { Bytes } from "./storage-driver.ts";

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
