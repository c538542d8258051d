import { type CopyCall, copiedAttributes, type ObjectFacts, StorageError } from "@storage/core";
import { classify } from "./classify.ts";
import { makeRoom } from "./commit.ts";
import { copyFile } from "./copying.ts";
import { storageError } from "./errors.ts";
import { closing } from "./folders.ts";
import { holding, type StillHeld } from "./locks.ts";
import { persisting } from "./persisting.ts";
import { statObject } from "./reading.ts";
import { removeFile } from "./removing.ts";
import { replacing } from "./replacing.ts";
import { isPlain, readSidecar, removeSidecar, replaceSidecar } from "./sidecars.ts";
import { etagOf, type FileVersion, mayBeDescribed, versionOf } from "./stamp.ts";
import { changing, type Store } from "./store.ts";
import { createTemporaryFolder, withTemporary } from "./temporaries.ts";
import { makingPlace, type Place, placeOf, prune } from "./tree.ts";

/** A rename where that says it all; a copy and a conditional delete where conditions or attributes ask for more. */
export async function moveFile(
  store: Store,
  source: string,
  target: string,
  call: CopyCall,
): Promise<ObjectFacts> {
  return await persisting(() => moveOnce(store, source, target, call));
}

/** Undefined where a write came between, and nothing was done. */
async function moveOnce(
  store: Store,
  source: string,
  target: string,
  call: CopyCall,
): Promise<ObjectFacts | undefined> {
  const facts = await statObject(store, source);
  return await closing(placeOf(store, source), async (from) => {
    const attributes = copiedAttributes(facts);
    const isDescribed = !isPlain(source, attributes);
    const asksForMore = (call.ifMatch ?? call.ifNoneMatch ?? call.replace) !== undefined;
    if (asksForMore || !from.before?.isFile() || !(isDescribed || isPlain(target, attributes)))
      return await copyAndRemove(store, source, target, facts.etag, call);
    const known = versionOf(from.before);
    if (etagOf(known) !== facts.etag) return undefined;
    const moved = await withTemporary(store, (marker) => {
      const move = { store, source, target, from, marker, known, signal: call.signal };
      return isDescribed ? holdingBoth(move) : rename(move);
    });
    if (moved === undefined) return undefined;
    await prune(store, source);
    return etagOf(moved) === facts.etag ? facts : await statObject(store, target);
  });
}

async function copyAndRemove(
  store: Store,
  source: string,
  target: string,
  etag: string,
  call: CopyCall,
): Promise<ObjectFacts> {
  const ifMatch = call.ifMatch ?? etag;
  const facts = await copyFile(store, source, target, { ...call, ifMatch });
  try {
    await removeFile(store, source, { signal: call.signal, ifMatch });
    return facts;
  } catch (error) {
    const { code } = StorageError.is(error) ? error : classify(error, "remove");
    const reason = "both exist, since the source could not be removed";
    throw storageError(code, reason, { outcome: "unknown", retryable: false });
  }
}

interface Move {
  readonly store: Store;
  readonly source: string;
  readonly target: string;
  readonly from: Place;
  /** What stood there. */
  readonly known: FileVersion;
  /** A temp folder: while it is there, the object is still to come. Its sidecar is written in it. */
  readonly marker: string;
  readonly signal: AbortSignal;
}

/** The sidecars in both places belong to one move at a time. In one order everywhere, so that no two wait for each other. */
async function holdingBoth(move: Move): Promise<FileVersion | undefined> {
  const { store, source, target, marker, signal } = move;
  const [first = "", second = ""] = [source, target].toSorted();
  return await holding(store, first, marker, signal, (firstHeld) =>
    holding(store, second, marker, signal, (secondHeld) =>
      rename(move, () => Promise.all([firstHeld(), secondHeld()])),
    ),
  );
}

/** One rename, with the sidecar waiting in its new place before. Tells what was moved: a write may have come between all the same. */
async function rename(move: Move, stillHeld?: StillHeld): Promise<FileVersion | undefined> {
  const { store, source, target, from, known, signal } = move;
  const { files } = store;
  let isDone = false;
  let isCarried = stillHeld !== undefined;
  try {
    // Where it fails, the sidecar may be there all the same.
    if (isCarried) isCarried = await carry(move, known);
    const { moved } = await makingPlace(store, target, undefined, false, async (place) => {
      const version = await makeRoom(store, target, place, {});
      const now = await files.look(from.path);
      if (now === undefined || etagOf(versionOf(now)) !== etagOf(known)) return {};
      await stillHeld?.();
      signal.throwIfAborted();
      await replacing(store, target, [{ ...place, version }], etagOf(known), () =>
        changing(store, from.folder, () =>
          changing(store, place.folder, async () => {
            await files.rename(from.path, place.path);
            isDone = true;
          }),
        ),
      );
      const found = await files.look(place.path).catch(() => undefined);
      return { moved: found === undefined ? known : versionOf(found) };
    });
    if (moved === undefined) return undefined;
    // The attributes of the write that came between go where its file went.
    if (etagOf(moved) !== etagOf(known)) await carry(move, moved);
    if (mayBeDescribed(moved)) await removeSidecar(store, source, moved);
    return moved;
  } finally {
    if (stillHeld && isCarried && !isDone)
      await stillHeld()
        .then(() => removeSidecar(store, target, known))
        .catch(() => {});
  }
}

/** Whether there was a sidecar to carry. In one step: this version may have been there before, and who has it open looks for its sidecar now. */
async function carry({ store, source, target, marker }: Move, version: FileVersion): Promise<boolean> {
  const attributes = await readSidecar(store, source, version);
  if (attributes === undefined) return false;
  const description = { key: target, writer: marker, ...attributes };
  await replaceSidecar(store, version, description, await createTemporaryFolder(store, marker));
  return true;
}
