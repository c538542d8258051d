import { wrapMethods } from "./driver-calls.ts";
import { driverOf } from "./driver-of.ts";
import { over } from "./over.ts";
import type { StorageBackend } from "./storage-backend.ts";
import type { StorageDriver } from "./storage-driver.ts";
import { InvalidArgumentError } from "./storage-errors.ts";
import { utf8Length, validateKey, validatePrefix } from "./validate-key.ts";

/**
 * A view of the objects whose keys start with `prefix`, under the rest of their keys. It owns nothing:
 * closing it leaves `backend` open, so that one can be made for every request.
 *
 * Put layers that know about keys (a tenant's quota, a scan by extension) outside, where they see the
 * caller's keys; inside they would see the prefix too.
 *
 * @throws InvalidKeyError for a prefix that no key could start with.
 * @throws InvalidArgumentError for an empty one.
 */
export function withPrefix(backend: StorageBackend, prefix: string): StorageBackend {
  validatePrefix(prefix);
  if (prefix === "")
    throw new InvalidArgumentError("an empty prefix shows everything: use the backend itself");
  const inner = driverOf(backend);
  const full = (key: string): string => {
    validateKey(prefix + key);
    return prefix + key;
  };
  const keyed = wrapMethods(
    inner,
    (_, method) =>
      async (...args) =>
        method(...args.map((arg) => (typeof arg === "string" ? full(arg) : arg))),
  );
  const { limits, removeMany, signUrl } = inner;
  return over(inner, "prefix", {
    ...keyed,
    list: listUnder(inner, prefix),
    removeMany: removeMany && removeUnder(removeMany, full),
    signUrl: signUrl && ((key, link) => signUrl(full(key), link)),
    limits: { ...limits, keyBytes: limits.keyBytes - utf8Length(prefix) },
    close: undefined,
  });
}

function listUnder({ list }: StorageDriver, prefix: string): StorageDriver["list"] {
  const own = (key: string): string => key.slice(prefix.length);
  return async (call) => {
    // An object of the prefix's very name has no name in this view, and comes first.
    const first = prefix.endsWith("/") || call.cursor !== undefined ? undefined : prefix;
    const after = call.after === undefined ? first : prefix + call.after;
    const page = await list({ ...call, prefix: prefix + call.prefix, after });
    const entries = page.entries.map((entry) => ({ ...entry, key: own(entry.key) }));
    return { ...page, entries, prefixes: page.prefixes.map(own) };
  };
}

/** A key that is none together with the prefix fails alone. */
function removeUnder(
  removeMany: NonNullable<StorageDriver["removeMany"]>,
  full: (key: string) => string,
): StorageDriver["removeMany"] {
  return async (keys, call) => {
    const causes = new Map<string, unknown>();
    const keyOf = new Map<string, string>();
    for (const key of keys) {
      try {
        keyOf.set(full(key), key);
      } catch (error) {
        causes.set(key, error);
      }
    }
    if (keyOf.size === 0) return causes;
    for (const [key, cause] of await removeMany([...keyOf.keys()], call))
      causes.set(keyOf.get(key) ?? key, cause);
    return causes;
  };
}
