import { type Attributes, checkWrite } from "@storage/core";
import { closeDraft, type Draft, fillDraft, type Making } from "./draft.ts";
import { storageError } from "./errors.ts";
import { errorCode, ifThere, unless } from "./files.ts";
import { openFolder, parentOf } from "./folders.ts";
import { holding, type StillHeld } from "./locks.ts";
import { type Doomed, replacing } from "./replacing.ts";
import { isPlain, removeSidecar } from "./sidecars.ts";
import { spellingOf } from "./spelling.ts";
import { etagOf, type FileVersion, factsOf, versionOf } from "./stamp.ts";
import { changing, type Store } from "./store.ts";
import { release, temporaryPath, withTemporary } from "./temporaries.ts";
import { clearFolder, makingPlace, type Place, placeOf, statFile } from "./tree.ts";

/** The conditions under which a new file takes its place. */
export interface Terms {
  readonly signal: AbortSignal;
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: "*" | undefined;
}

/** Stores one object, whole: nothing is seen of it before one rename, or one link for create-only. */
export async function commit(
  store: Store,
  key: string,
  attributes: Attributes,
  terms: Terms,
  making: Making,
): Promise<ReturnType<typeof factsOf>> {
  return await withTemporary(store, async (name) => {
    const isDescribed = !isPlain(key, attributes);
    const draft: Draft = { store, key, attributes, isDescribed, name, path: temporaryPath(store, name) };
    try {
      return factsOf(await fillAndPlace(draft, terms, making));
    } catch (error) {
      if (draft.sidecar !== undefined) await removeSidecar(store, key, draft.sidecar);
      // Behind a file there is no object that could match.
      if (errorCode(error) === "ENOTDIR") checkWrite(undefined, terms);
      throw error;
    } finally {
      await closeDraft(draft);
    }
  });
}

async function fillAndPlace(draft: Draft, terms: Terms, making: Making): Promise<FileVersion> {
  const { store, key } = draft;
  const isConditional = (terms.ifMatch ?? terms.ifNoneMatch) !== undefined;
  if (isConditional) {
    const version = await fillDraft(draft, making);
    return await holding(store, key, draft.name, terms.signal, (stillHeld) =>
      take(draft, version, terms, stillHeld),
    );
  }
  const filling = fillDraft(draft, making);
  if (making.size === undefined) return await take(draft, await filling, terms);
  const opening = openFolder(store, parentOf(key));
  // Many writes may come and go meanwhile, whose sidecars are looked after: one with a sidecar looks last.
  const looking = draft.isDescribed ? undefined : placeOf(store, key, opening);
  const seen = (looking ?? opening).catch(() => undefined);
  const version = await filling.catch(async (error: unknown) => {
    await (await seen)?.close();
    throw error;
  });
  return await take(
    draft,
    version,
    terms,
    undefined,
    await ifThere(looking ?? placeOf(store, key, opening, true)),
  );
}

/** The one step after which the new object is there. */
async function take(
  draft: Draft,
  own: FileVersion,
  terms: Terms,
  stillHeld?: StillHeld,
  found?: Place,
): Promise<FileVersion> {
  const { store, key, name, path } = draft;
  const { files } = store;
  return await makingPlace(store, key, found, draft.isDescribed, async (place) => {
    const version = await makeRoom(store, key, place, terms);
    await stillHeld?.();
    terms.signal.throwIfAborted();
    // On another disk than a local one it is the close that tells whether all of it was written.
    if (!files.isLocal) await closeDraft(draft);
    // Our own file too: another write, which looked before, may know nothing of it and replace it at once.
    const doomed: readonly Doomed[] = [
      { ...place, version },
      { path, version: own, descriptor: draft.descriptor },
    ];
    return await replacing(store, key, doomed, undefined, () =>
      changing(store, place.folder, async () => {
        if (terms.ifNoneMatch === undefined) await files.rename(path, place.path);
        else await linkNew(draft, place, terms);
        release(name);
        draft.sidecar = undefined;
        return own;
      }),
    );
  });
}

/**
 * What is replaced there, where the conditions hold. An empty folder is nothing, and gives way; anything else
 * that is no file stays.
 */
export async function makeRoom(
  store: Store,
  key: string,
  place: Place,
  conditions: Pick<Terms, "ifMatch" | "ifNoneMatch">,
): Promise<FileVersion | undefined> {
  if ((await spellingOf(store, key)) === "other")
    throw storageError("KeyConflict", "the disk takes this name and another object's for one");
  const version = await versionAt(store, key, place);
  checkWrite(version && etagOf(version), conditions);
  if (place.before?.isDirectory()) await ifThere(clearFolder(store, key));
  else if (place.before !== undefined && version === undefined)
    throw storageError("KeyConflict", "something that is no file stands under this name");
  return version;
}

/** Of the object at a place; a folder, a pipe or a device is none, and neither is a link to one. */
export async function versionAt(
  store: Store,
  key: string,
  { before }: Place,
): Promise<FileVersion | undefined> {
  if (before?.isFile()) return versionOf(before);
  if (!before?.isSymbolicLink()) return undefined;
  return await unless(["FileNotFound"], statFile(store, key).then(versionOf));
}

/** Also against plain writes, which take no lock. */
async function linkNew(draft: Draft, { path }: Place, terms: Terms): Promise<void> {
  const { files } = draft.store;
  if (!(await files.link(draft.path, path))) checkWrite("another's", terms);
  // The object is there: a second name that stays in our own folder is for the next sweep.
  await files.remove(draft.path).catch(() => {});
}
