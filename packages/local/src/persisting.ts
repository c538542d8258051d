import { storageError } from "./errors.ts";

/** Tries until something comes of it: each time another call came between. */
export async function persisting<T>(attempt: () => Promise<T | undefined>): Promise<T> {
  for (let left = 100; left > 0; left--) {
    const done = await attempt();
    if (done !== undefined) return done;
  }
  throw storageError("Unavailable", "other calls change the same object again and again");
}
