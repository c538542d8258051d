import type { StorageDriver } from "../storage-driver.ts";
import { InvalidKeyError } from "../storage-errors.ts";
import { utf8Length, validateKey } from "../validate-key.ts";

/** The rules of keys, and the narrower ones of this backend. @throws InvalidKeyError */
export function checkKey({ name, limits }: StorageDriver, key: string): void {
  validateKey(key);
  const { keyBytes, segmentBytes } = limits;
  if (key.length * 3 <= Math.min(keyBytes, segmentBytes)) return;
  if (utf8Length(key) > keyBytes)
    throw new InvalidKeyError(`${name} holds keys of at most ${keyBytes} bytes`, { key });
  if (key.split("/").some((segment) => utf8Length(segment) > segmentBytes)) {
    throw new InvalidKeyError(`${name} holds segments of at most ${segmentBytes} bytes`, { key });
  }
}
