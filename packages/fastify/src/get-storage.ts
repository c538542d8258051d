import type { StorageBackend } from "@storage/core";
import { AppStorage, notConfigured } from "@storage/http";

/**
 * The backend that a request is for, as `request.storage`: that of its route's context, or of the one around it.
 *
 * @throws ConfigurationError before `addStorage`.
 */
export function getStorage(request: { readonly server: object }): StorageBackend {
  const found = AppStorage.find(request.server);
  if (found === undefined) throw notConfigured();
  return found.backend;
}
