import type { StorageBackend } from "@storage/core";
import { notConfigured } from "@storage/http";

/** `new Hono<{ Variables: StorageVariables }>()` types `c.var.storage` and `c.get("storage")`. */
export interface StorageVariables {
  readonly storage: StorageBackend;
}

/**
 * The backend that a request is for, as `c.var.storage`, whatever type the context has.
 *
 * @throws ConfigurationError before `addStorage`.
 */
export function getStorage(c: { readonly var: object }): StorageBackend {
  const storage: StorageBackend | undefined = Reflect.get(c.var, "storage");
  if (storage === undefined) throw notConfigured();
  return storage;
}
