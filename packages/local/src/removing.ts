import { checkWrite } from "@storage/core";
import { type Terms, versionAt } from "./commit.ts";
import { ifThere, unless } from "./files.ts";
import { replacing } from "./replacing.ts";
import { spellingOf } from "./spelling.ts";
import { etagOf } from "./stamp.ts";
import type { Store } from "./store.ts";

/** Whether there was an object; its folders go with it when it was their last. */
export async function removeFile(store: Store, key: string, terms: Terms): Promise<boolean> {
  if ((await spellingOf(store, key)) !== "same") return false;
  const removed =
    terms.ifMatch === undefined
      ? await removeFrom(store, key, terms, (path) => store.files.remove(path))
      : await removeLocked(store, key, terms);
  if (removed) await store.tree.prune(key);
  return removed;
}

/** By way of a folder that is gone when the lock was taken over: who sleeps then removes nothing any more. */
async function removeLocked(store: Store, key: string, terms: Terms): Promise<boolean> {
  const { locks, temporaries, files } = store;
  const name = await temporaries.reserve();
  try {
    const out = await temporaries.createFolder(name);
    return await locks.holding(key, name, terms.signal, (stillHeld) =>
      removeFrom(store, key, terms, async (path) => {
        await stillHeld();
        terms.signal.throwIfAborted();
        if (await ifThere(files.rename(path, out).then(() => true))) return await files.remove(out);
        await stillHeld();
        return false;
      }),
    );
  } finally {
    await temporaries.remove(name).catch(() => {});
  }
}

async function removeFrom(
  store: Store,
  key: string,
  terms: Terms,
  take: (path: string) => Promise<boolean>,
): Promise<boolean> {
  const place = await unless(["ENOENT", "ENOTDIR"], store.tree.place(key));
  if (place === undefined) return false;
  try {
    const version = await versionAt(store, key, place);
    if (version === undefined) return false;
    checkWrite(etagOf(version), terms);
    terms.signal.throwIfAborted();
    return await replacing(store, key, [{ path: place.path, version }], undefined, () =>
      store.changing(place.folder.path, () => take(place.path)),
    );
  } finally {
    await place.folder.close();
  }
}
