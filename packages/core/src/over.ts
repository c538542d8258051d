import { Backend } from "./backend.ts";
import { boundDriver } from "./bound-driver.ts";
import type { StorageBackend } from "./storage-backend.ts";
import type { StorageDriver } from "./storage-driver.ts";

/** What a layer may change. A method that is named as `undefined` is absent. */
export type DriverChanges = Partial<Omit<StorageDriver, "name" | "layers" | "classify" | "urlExpiresIn">>;

type Shortcut = "removeMany" | "copy" | "move" | "signUrl" | "signUpload";

/** The shortcuts that would go round a changed primitive. */
const shortcutsOf = {
  read: ["signUrl", "copy", "move"],
  write: ["signUpload", "copy", "move"],
  remove: ["removeMany", "move"],
} as const satisfies Record<string, readonly Shortcut[]>;

/**
 * A backend over `inner` that differs in what `changes` names, and in what would go round that: a
 * shortcut of a changed primitive is absent unless it is named too, and without `signUrl` there is no
 * signer. Core then falls back to reading and writing.
 *
 * @example
 * const withUpperCase = (backend: StorageBackend) => over(driverOf(backend), "upperCase", { read: ... });
 */
export function over(inner: StorageDriver, layer: string, changes: DriverChanges): StorageBackend {
  const { removeMany, copy, move, signUrl, signUpload, signer, ...rest } = boundDriver(inner);
  const shortcuts: DriverChanges = { removeMany, copy, move, signUrl, signUpload };
  const unsafe = (Object.keys(shortcutsOf) as (keyof typeof shortcutsOf)[])
    .filter((primitive) => changes[primitive] !== undefined)
    .flatMap((primitive): readonly Shortcut[] => shortcutsOf[primitive]);
  const safe = Object.fromEntries(
    Object.entries(shortcuts).filter(([name]) => !unsafe.includes(name as Shortcut)),
  );
  const changed: StorageDriver = { ...rest, ...safe, ...changes, layers: [layer, ...(inner.layers ?? [])] };
  return new Backend({
    ...changed,
    signer: changed.signUrl === undefined ? undefined : (changes.signer ?? signer),
  });
}
