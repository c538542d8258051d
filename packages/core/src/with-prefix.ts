import { wrapMethods } from "./driver-calls.ts";
import { driverOf } from "./driver-of.ts";
import { over } from "./over.ts";
import type { StorageBackend } from "./storage-backend.ts";
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
  if (prefix === "") throw new InvalidArgumentError("the prefix is empty");
  const inner = driverOf(backend);
  const { limits, removeMany, signUrl } = inner;
  const full = (key: string): string => {
    validateKey(prefix + key);
    return prefix + key;
  };
  const own = (key: string): string => key.slice(prefix.length);
  const keyed = wrapMethods(
    inner,
    (_, method) =>
      async (...args) =>
        method(...args.map((arg) => (typeof arg === "string" ? full(arg) : arg))),
  );
  // Every key fits to a prefix that is a folder; to another one some do not, and fail each alone.
  const isFolder = prefix.endsWith("/");
  return over(inner, "prefix", {
    ...keyed,
    list: async (call) => {
      // An object of the prefix's very name has no name in this view, and comes first.
      const { after = isFolder || call.cursor !== undefined ? undefined : "" } = call;
      const place = after === undefined ? undefined : prefix + after;
      const page = await inner.list({ ...call, prefix: prefix + call.prefix, after: place });
      const entries = page.entries.map((entry) => ({ ...entry, key: own(entry.key) }));
      return { ...page, entries, prefixes: page.prefixes.map(own) };
    },
    removeMany:
      removeMany && isFolder
        ? async (keys, call) => {
            const causes = await removeMany(keys.map(full), call);
            return new Map(Array.from(causes, ([key, cause]) => [own(key), cause]));
          }
        : undefined,
    signUrl: signUrl && ((key, link) => signUrl(full(key), link)),
    limits: { ...limits, keyBytes: limits.keyBytes - utf8Length(prefix) },
    close: undefined,
  });
}
