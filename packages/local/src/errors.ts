import { type StorageError, storageError } from "@storage/core";

/** From here for all of our files, and the same for all codes. */
export { storageError };

/** Of what is no file too: to a reader it is no object. */
export function notFound(): StorageError {
  return storageError("FileNotFound", "there is no object under this key");
}

/** Why a link is not followed. */
export const astray = "a symbolic link leads out of the tree, nowhere, or in a circle";

export function leadsOut(): StorageError {
  return storageError("PermissionDenied", astray);
}
