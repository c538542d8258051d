import type { ListEntry } from "../storage-backend.ts";
import type { DriverEntry } from "../storage-driver.ts";
import { StorageError } from "../storage-error.ts";

/** @throws StorageError for a driver that left out what a listing with facts has. */
export function listEntryOf({ key, size, etag, lastModified }: DriverEntry): ListEntry {
  if (size === undefined || lastModified === undefined) {
    throw new StorageError("the adapter lists an object without its size and time", { key });
  }
  return { key, size, ...(etag !== undefined && { etag }), lastModified: new Date(lastModified) };
}
