import { type StorageError, storageError } from "@storage/core";

export { storageError };

/** Of what is no file too: to a reader it is no object. */
export function notFound(): StorageError {
  return storageError("FileNotFound", "there is no object under this key");
}

export const astray = "a symbolic link leads out of the tree, nowhere, or in a circle";

export function leadsOut(): StorageError {
  return storageError("PermissionDenied", astray);
}

/** Tries until something comes of it: each time another call came between. */
export async function persisting<T>(attempt: () => Promise<T | undefined>): Promise<T> {
  for (let left = 100; left > 0; left--) {
    const done = await attempt();
    if (done !== undefined) return done;
  }
  throw storageError("Unavailable", "other calls change the same object again and again");
}
