import { Backend } from "./backend.ts";
import type { StorageBackend } from "./storage-backend.ts";
import type { StorageDriver } from "./storage-driver.ts";

/** What a layer may change. A method that is named as `undefined` is absent. */
export type DriverChanges = Partial<Omit<StorageDriver, "name" | "layers" | "classify" | "urlExpiresIn">>;

/** The shortcuts that would go round a changed primitive. */
const shortcuts = {
  read: ["signUrl", "copy", "move"],
  write: ["signUpload", "copy", "move"],
  remove: ["removeMany", "move"],
} as const;

/**
 * A backend over `inner`, which is what `driverOf` gives, that differs in what `changes` names, and in
 * what would go round that: a shortcut of a changed primitive is absent unless it is named too, and
 * without `signUrl` there is no signer. Core then falls back to reading and writing.
 *
 * @example
 * const withUpperCase = (backend: StorageBackend) => over(driverOf(backend), "upperCase", { read: ... });
 */
export function over(inner: StorageDriver, layer: string, changes: DriverChanges): StorageBackend {
  const kept: Partial<StorageDriver> = { ...inner };
  for (const [primitive, names] of Object.entries(shortcuts))
    if (Reflect.get(changes, primitive)) for (const name of names) delete kept[name];
  const layers = [layer, ...(inner.layers ?? [])];
  const driver = { ...kept, ...changes, layers } as StorageDriver;
  return new Backend(driver.signUrl ? driver : { ...driver, signer: undefined });
}
