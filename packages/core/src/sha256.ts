import { type IncrementalHash, nodeCrypto } from "./runtime.ts";
import { NotSupportedError } from "./storage-errors.ts";

/** @throws NotSupportedError in a runtime without an incremental hash. */
export function sha256(): IncrementalHash {
  const hash = nodeCrypto()?.createHash("sha256");
  if (hash !== undefined) return hash;
  throw new NotSupportedError("this runtime cannot hash a stream");
}

export function hex(bytes: ArrayBuffer): string {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
