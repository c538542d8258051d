import { type StorageBackend, withPrefix } from "@storage/core";
import { HttpError } from "@storage/http";

/**
 * The tenant's part of the storage. It is a storage like any other, so everything that works on files works
 * on a tenant's, and nothing of it can name a file outside: not a listing, not a key, not a signed link.
 *
 * @throws HttpError 403 for another tenant than the one that is signed in.
 */
export function tenantStorage(storage: StorageBackend, own: string, asked: string): StorageBackend {
  if (asked === own) return withPrefix(storage, `tenants/${own}/`);
  throw new HttpError(403, "PermissionDenied", "This belongs to somebody else.");
}
