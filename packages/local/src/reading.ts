import { setTimeout as delay } from "node:timers/promises";
import {
  type Attributes,
  checkRead,
  type ObjectFacts,
  type ReadCall,
  type ReadResult,
  resolveRange,
} from "@storage/core";
import { notFound } from "./errors.ts";
import { checkUnchanged, fileStream, readPiece, smallBody } from "./file-body.ts";
import { unless } from "./files.ts";
import { closing, freeOnFailure } from "./folders.ts";
import { persisting } from "./persisting.ts";
import { plainAttributes, readSidecar } from "./sidecars.ts";
import { spellingOf } from "./spelling.ts";
import { type FileVersion, factsOf, isStamped, mayBeDescribed, versionOf } from "./stamp.ts";
import type { Store } from "./store.ts";
import { type OpenFile, openFile, statFile } from "./tree.ts";

/** Milliseconds in which a move that met a write has put the sidecar in its new place. */
const settling = [1, 5, 20];

/** An object that is open to be read: file and attributes of the same write. */
export interface OpenObject extends OpenFile {
  readonly version: FileVersion;
  readonly facts: ObjectFacts;
}

type Conditions = Pick<ReadCall, "ifMatch" | "ifNoneMatch">;

/** In one piece, where it is small enough. */
export async function readObject(store: Store, key: string, call: ReadCall): Promise<ReadResult> {
  const { files } = store;
  const object = await openObject(store, key, call);
  const { facts } = object;
  const { range: asked } = call;
  const range = asked && (await freeOnFailure(object, async () => resolveRange(asked, facts.size)));
  const wanted = range ?? { start: 0, end: facts.size };
  if (wanted.end - wanted.start > smallBody)
    return { facts, range, body: { stream: fileStream(files, object, wanted, call.signal) } };
  return await closing(object, async () => {
    const bytes = await readPiece(files, object.descriptor, wanted);
    // Bytes of an edit with the old attributes; without any, an etag that is out of date does no harm.
    if (mayBeDescribed(object.version)) await checkUnchanged(files, object);
    return { facts, range, body: { bytes } };
  });
}

export function openObject(store: Store, key: string, conditions: Conditions): Promise<OpenObject> {
  return steady(store, key, openFile, conditions);
}

export async function statObject(store: Store, key: string): Promise<ObjectFacts> {
  const look = async () => ({ stats: await statFile(store, key), close: async () => {} });
  return (await steady(store, key, look, {})).facts;
}

/**
 * Looks until file and sidecar belong together. A file whose sidecar is not there was overwritten
 * between two calls, and the next look shows the new one; or another program put it there, and it has
 * none.
 */
async function steady<T extends Pick<OpenFile, "stats" | "close">>(
  store: Store,
  key: string,
  look: (store: Store, key: string) => Promise<T>,
  conditions: Conditions,
): Promise<T & Pick<OpenObject, "version" | "facts">> {
  // On a disk that folds names, another object's is not this one's.
  if ((await spellingOf(store, key)) === "other") throw notFound();
  let last = "";
  let looks = 0;
  return await persisting(async () => {
    // Where a folder should be and is a file, or the reverse, or a socket (ENXIO), there is no object.
    const file = await unless(["ENOENT", "ENOTDIR", "ENXIO"], look(store, key));
    if (file === undefined) throw notFound();
    const version = versionOf(file.stats);
    const known = factsOf(version);
    looks = known.etag === last ? looks + 1 : 0;
    last = known.etag;
    const facts = await freeOnFailure(file, async () => {
      const attributes = mayBeDescribed(version)
        ? await describedAttributes(store, key, version, looks)
        : plainAttributes(key);
      if (attributes === undefined) return undefined;
      const found = { ...attributes, ...known };
      checkRead(found, conditions);
      return found;
    });
    if (facts !== undefined) return { ...file, version, facts };
    await file.close();
    if (looks > 0) await delay(settling[looks - 1]);
    return undefined;
  });
}

/** Undefined where there should be a sidecar and is none. */
async function describedAttributes(
  store: Store,
  key: string,
  version: FileVersion,
  looks: number,
): Promise<Attributes | undefined> {
  const enough = isStamped(version) ? settling.length : 0;
  const found = await readSidecar(store, key, version);
  return found ?? (looks > enough ? plainAttributes(key) : undefined);
}
