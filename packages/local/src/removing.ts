import { checkWrite } from "@storage/core";
import { type Terms, versionAt } from "./commit.ts";
import { succeeds, unless } from "./files.ts";
import { closing } from "./folders.ts";
import { holding } from "./locks.ts";
import { replacing } from "./replacing.ts";
import { spellingOf } from "./spelling.ts";
import { etagOf } from "./stamp.ts";
import { changing, type Store } from "./store.ts";
import { createTemporaryFolder, withTemporary } from "./temporaries.ts";
import { placeOf, prune } from "./tree.ts";

/** Whether there was an object; its folders go with it when it was their last. */
export async function removeFile(store: Store, key: string, terms: Terms): Promise<boolean> {
  if ((await spellingOf(store, key)) !== "same") return false;
  const removed =
    terms.ifMatch === undefined
      ? await removeFrom(store, key, terms, store.files.remove)
      : await removeLocked(store, key, terms);
  if (removed) await prune(store, key);
  return removed;
}

/** By way of a folder that is gone when the lock was taken over: who sleeps then removes nothing any more. */
async function removeLocked(store: Store, key: string, terms: Terms): Promise<boolean> {
  const { files } = store;
  return await withTemporary(store, async (name) => {
    const out = await createTemporaryFolder(store, name);
    return await holding(store, key, name, terms.signal, (stillHeld) =>
      removeFrom(store, key, terms, async (path) => {
        await stillHeld();
        terms.signal.throwIfAborted();
        if (await succeeds(["ENOENT"], files.rename(path, out))) return await files.remove(out);
        await stillHeld();
        return false;
      }),
    );
  });
}

async function removeFrom(
  store: Store,
  key: string,
  terms: Terms,
  take: (path: string) => Promise<boolean>,
): Promise<boolean> {
  const removing = closing(placeOf(store, key), async (place) => {
    const { path, folder } = place;
    const version = await versionAt(store, key, place);
    if (version === undefined) return false;
    checkWrite(etagOf(version), terms);
    terms.signal.throwIfAborted();
    return await replacing(store, key, [{ ...place, version }], undefined, () =>
      changing(store, folder, () => take(path)),
    );
  });
  return (await unless(["ENOENT", "ENOTDIR"], removing)) ?? false;
}
