import type { Call } from "@storage/core";
import { StorageError } from "@storage/core";
import { errorCode } from "./files.ts";
import type { SidecarOwner } from "./sidecars.ts";
import { versionOf } from "./stamp.ts";
import type { Store } from "./store.ts";

/** Removes what killed processes left: temp files, locks, and sidecars that no object has. */
export async function sweep(store: Store, call: Call & { readonly olderThan: number }): Promise<number> {
  const { temporaries, locks, sidecars } = store;
  const files = await temporaries.sweep(call.olderThan);
  const links = await locks.sweep(call.olderThan);
  const orphans = await sidecars.sweep((owner) => {
    call.signal.throwIfAborted();
    return isUsed(store, owner, call.olderThan);
  });
  return files + links + orphans;
}

/**
 * The writer is asked about first: when it is done, its object is in its place. Where it is not named, nobody is to
 * be at work.
 */
async function isUsed(
  store: Store,
  { key, writer, name }: SidecarOwner,
  olderThan: number,
): Promise<boolean> {
  const { temporaries, sidecars } = store;
  if (key === undefined || writer === undefined) return await temporaries.hasLive(olderThan);
  if (await temporaries.isLive(writer, olderThan)) return true;
  try {
    return sidecars.nameOf(key, versionOf(await store.tree.stat(key))) === name;
  } catch (error) {
    if (StorageError.is(error, "FileNotFound") || ["ENOENT", "ENOTDIR"].includes(errorCode(error) ?? ""))
      return false;
    // Behind a link that leads out, or where we may not look, there may be one to come back to.
    if (StorageError.is(error, "PermissionDenied") || errorCode(error) === "EACCES") return true;
    throw error;
  }
}
