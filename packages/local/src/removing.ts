import { checkWrite } from "@storage/core";
import { forget, type Terms, versionAt } from "./commit.ts";
import { unless } from "./file-system.ts";
import { spellingOf } from "./spelling.ts";
import { etagOf } from "./stamp.ts";
import type { Store } from "./store.ts";

/** Whether there was an object; its folders go with it when it was their last. */
export async function removeFile(store: Store, key: string, terms: Terms): Promise<boolean> {
  if ((await spellingOf(store, key)) !== "same") return false;
  const remove = (stillHeld: () => Promise<void>): Promise<boolean> =>
    removeFrom(store, key, terms, stillHeld);
  const removed =
    terms.ifMatch === undefined
      ? await remove(async () => {})
      : await store.locks.holding(key, terms.signal, remove);
  if (removed) await store.tree.prune(key);
  return removed;
}

async function removeFrom(
  store: Store,
  key: string,
  terms: Terms,
  stillHeld: () => Promise<void>,
): Promise<boolean> {
  const place = await unless(["ENOENT", "ENOTDIR"], store.tree.place(key));
  if (place === undefined) return false;
  try {
    const version = await versionAt(store, key, place);
    if (version === undefined) return false;
    checkWrite(etagOf(version), terms);
    await stillHeld();
    terms.signal.throwIfAborted();
    const gone = await store.changing(place.folder.path, () => store.files.remove(place.path));
    if (!gone) return false;
    await forget(store, key, version);
    return true;
  } finally {
    await place.folder.close();
  }
}
