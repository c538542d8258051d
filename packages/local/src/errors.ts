import { FileNotFoundError, PermissionDeniedError, UnavailableError } from "@storage/core";

/** Of what is no file too: to a reader it is no object. */
export function notFound(): FileNotFoundError {
  return new FileNotFoundError("there is no object under this key");
}

export function leadsOut(): PermissionDeniedError {
  return new PermissionDeniedError("a symbolic link leads out of the tree, or nowhere");
}

/** Tries until something comes of it: each time another call came between. */
export async function persisting<T>(attempt: () => Promise<T | undefined>): Promise<T> {
  for (let left = 100; left > 0; left--) {
    const done = await attempt();
    if (done !== undefined) return done;
  }
  throw new UnavailableError("other calls change the same object again and again");
}
