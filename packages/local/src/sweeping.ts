import type { Call } from "@storage/core";
import { errorCode } from "./files.ts";
import { sweepLocks } from "./locks.ts";
import { type Owner, ownerOf, sidecarName } from "./sidecars.ts";
import { versionOf } from "./stamp.ts";
import type { Store } from "./store.ts";
import { isLive, sweepFolder, sweepTemporaries } from "./temporaries.ts";
import { statFile } from "./tree.ts";

/** Removes what killed processes left: temp files, locks, and sidecars that no object has. */
export async function sweep(store: Store, call: Call & { readonly olderThan: number }): Promise<number> {
  const { olderThan, signal } = call;
  const isKept = async (name: string, path: string): Promise<boolean> => {
    signal.throwIfAborted();
    return !(await isLeftOver(store, path, name, olderThan));
  };
  let removed = (await sweepTemporaries(store, olderThan)) + (await sweepLocks(store, olderThan));
  for (const group of await store.files.names(`${store.own}/meta`))
    removed += await sweepFolder(store, `meta/${group}`, isKept);
  return removed;
}

/** The writer is asked about first: when it is done, its object is in its place. */
async function isLeftOver(store: Store, path: string, name: string, olderThan: number): Promise<boolean> {
  let owner = await ownerOf(store, path);
  if (owner === undefined) {
    // Half written: it is looked at again once nobody is at work who may have been at it.
    for (const temporary of await store.files.names(`${store.own}/tmp`))
      if (await isLive(store, temporary, olderThan)) return false;
    owner = await ownerOf(store, path);
  }
  return (
    owner === undefined ||
    !((await isLive(store, owner.writer, olderThan)) || (await isUsed(store, owner, name)))
  );
}

/** Behind a link that leads out, or where we may not look, there may be an object to come back to. */
async function isUsed(store: Store, { key }: Owner, name: string): Promise<boolean> {
  try {
    return sidecarName(key, versionOf(await statFile(store, key))) === name;
  } catch (error) {
    return !["FileNotFound", "ENOENT", "ENOTDIR"].includes(errorCode(error));
  }
}
