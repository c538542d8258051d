import {
  type Attributes,
  checkWrite,
  KeyConflictError,
  PreconditionFailedError,
  StorageError,
  type WriteFacts,
} from "@storage/core";
import { Draft, type Fill } from "./draft.ts";
import { errorCode, ifThere } from "./files.ts";
import { replacing } from "./replacing.ts";
import { spellingOf } from "./spelling.ts";
import { etagOf, type FileVersion, mayBeDescribed, timeOf, versionOf } from "./stamp.ts";
import type { Store } from "./store.ts";
import { together } from "./together.ts";
import type { Place } from "./tree.ts";

/** The conditions under which a new file takes its place. */
export interface Terms {
  readonly signal: AbortSignal;
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: "*" | undefined;
}

/** How the file of a draft comes to be: `open` makes it, `fill` writes what is not there yet. */
export interface Making {
  open(draft: Draft): Promise<number>;
  readonly fill: Fill;
  /** Whether it is filled in no time: what was seen of its place meanwhile still holds then. */
  readonly isQuick: boolean;
}

/** Stores one object, whole: nothing is seen of it before one rename, or one link for create-only. */
export async function commit(
  store: Store,
  key: string,
  attributes: Attributes,
  terms: Terms,
  making: Making,
): Promise<WriteFacts> {
  const draft = await Draft.begin(store, key, attributes);
  try {
    const version = await fillAndPlace(store, key, draft, terms, making);
    return { size: version.size, etag: etagOf(version), lastModified: timeOf(version) };
  } catch (error) {
    await draft.discard();
    if (terms.ifMatch === undefined || errorCode(error) !== "ENOTDIR") throw error;
    throw new PreconditionFailedError("there is no object that ifMatch could be about");
  }
}

async function fillAndPlace(
  store: Store,
  key: string,
  draft: Draft,
  terms: Terms,
  making: Making,
): Promise<FileVersion> {
  const conditional = terms.ifMatch !== undefined || terms.ifNoneMatch !== undefined;
  const found = conditional || !making.isQuick ? undefined : ifThere(store.tree.place(key));
  const [version, place] = await filled(
    draft.fill(() => making.open(draft), making.fill),
    found,
  );
  if (conditional) {
    await store.locks.holding(key, draft.name, terms.signal, (stillHeld) =>
      take(store, key, draft, version, terms, stillHeld),
    );
  } else await take(store, key, draft, version, terms, async () => {}, place);
  return version;
}

/** The place is looked at while the file is written; it is freed when that fails. */
async function filled(
  filling: Promise<FileVersion>,
  looking: Promise<Place | undefined> = Promise.resolve(undefined),
): Promise<[FileVersion, Place | undefined]> {
  try {
    return await together(filling, looking);
  } catch (error) {
    const place = await looking.catch(() => undefined);
    await place?.folder.close();
    throw error;
  }
}

/** The one step after which the new object is there. */
async function take(
  store: Store,
  key: string,
  draft: Draft,
  own: FileVersion,
  terms: Terms,
  stillHeld: () => Promise<void>,
  found?: Place,
): Promise<void> {
  const { files, tree } = store;
  await tree.making(key, found, async (at) => {
    // Many writes may have come and gone since the folder was found.
    const place = mayBeDescribed(own.nanoseconds) ? { ...at, before: await files.look(at.path) } : at;
    const version = await versionAt(store, key, place);
    // A folder that is in the way is no object that could match.
    if (terms.ifMatch !== undefined) checkWrite(version && etagOf(version), terms);
    await makeRoom(store, key, place);
    checkWrite(version && etagOf(version), terms);
    await stillHeld();
    terms.signal.throwIfAborted();
    // Our own file too: another write, which looked before, may know nothing of it and replace it at once.
    const doomed = [
      { path: draft.path, version: own },
      { path: place.path, version },
    ];
    await replacing(store, key, doomed, undefined, () =>
      store.changing(place.folder.path, async () => {
        if (terms.ifNoneMatch === undefined) await files.rename(draft.path, place.path);
        else await linkNew(store, draft, place);
        draft.release();
      }),
    );
  });
}

/** An empty folder is nothing, and gives way; anything else that is no file stays. */
export async function makeRoom(store: Store, key: string, place: Place): Promise<void> {
  if ((await spellingOf(store, key)) === "other") {
    throw new KeyConflictError("the disk takes this name and another object's for one");
  }
  if (place.before?.isDirectory()) await ifThere(store.tree.clear(key));
  else if (place.before !== undefined && (await versionAt(store, key, place)) === undefined)
    throw new KeyConflictError("something that is no file stands under this name");
}

/** Of the object at a place; a folder, a pipe or a device is none, and neither is a link to one. */
export async function versionAt(
  store: Store,
  key: string,
  { before }: Place,
): Promise<FileVersion | undefined> {
  if (before?.isFile()) return versionOf(before);
  if (!before?.isSymbolicLink()) return undefined;
  try {
    return versionOf(await store.tree.stat(key));
  } catch (error) {
    if (StorageError.is(error, "FileNotFound")) return undefined;
    throw error;
  }
}

/** Also against plain writes, which take no lock. */
async function linkNew({ files }: Store, draft: Draft, { path }: Place): Promise<void> {
  if (!(await files.link(draft.path, path)))
    throw new PreconditionFailedError("there is an object under this key already");
  // The object is there: a second name that stays in our own folder is for the next sweep.
  await files.remove(draft.path).catch(() => {});
}
