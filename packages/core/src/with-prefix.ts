import { driverOf } from "./driver-of.ts";
import { type DriverChanges, over } from "./over.ts";
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
  const { keyBytes, ...limits } = inner.limits;
  return over(inner, "prefix", {
    ...changes(inner, prefix),
    limits: { ...limits, keyBytes: keyBytes - utf8Length(prefix) },
    close: undefined,
  });
}

function changes(inner: StorageDriver, prefix: string): DriverChanges {
  const { removeMany, copy, move, signUrl, signUpload } = inner;
  const full = (key: string): string => {
    validateKey(prefix + key);
    return prefix + key;
  };
  const own = (key: string): string => key.slice(prefix.length);
  return {
    write: (key, ...rest) => inner.write(full(key), ...rest),
    read: (key, ...rest) => inner.read(full(key), ...rest),
    head: (key, ...rest) => inner.head(full(key), ...rest),
    remove: (key, ...rest) => inner.remove(full(key), ...rest),
    list: async (call) => {
      const after = call.after === undefined ? undefined : prefix + call.after;
      const page = await inner.list({ ...call, prefix: prefix + call.prefix, after });
      const entries = page.entries.map((entry) => ({ ...entry, key: own(entry.key) }));
      return { ...page, entries, prefixes: page.prefixes.map(own) };
    },
    removeMany:
      removeMany &&
      (async (keys, call) => {
        const causes = await removeMany.call(inner, keys.map(full), call);
        return new Map([...causes].map(([key, cause]) => [own(key), cause]));
      }),
    copy: copy && ((source, target, call) => copy.call(inner, full(source), full(target), call)),
    move: move && ((source, target, call) => move.call(inner, full(source), full(target), call)),
    signUrl: signUrl && ((key, link) => signUrl.call(inner, full(key), link)),
    signUpload: signUpload && ((key, link) => signUpload.call(inner, full(key), link)),
  };
}
