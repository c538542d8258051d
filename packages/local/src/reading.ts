import { setTimeout as delay } from "node:timers/promises";
import {
  type Attributes,
  checkRead,
  FileNotFoundError,
  type ObjectFacts,
  type ReadCall,
  type ReadResult,
  resolveRange,
  UnavailableError,
} from "@storage/core";
import { checkUnchanged, fileStream, pieceSize, readPiece } from "./file-body.ts";
import type { FileStats } from "./file-system.ts";
import { unless } from "./files.ts";
import { plainAttributes, readSidecar } from "./sidecars.ts";
import { spellingOf } from "./spelling.ts";
import { etagOf, type FileVersion, isStamped, mayBeDescribed, timeOf, versionOf } from "./stamp.ts";
import type { Store } from "./store.ts";
import { openFile, statFile } from "./tree.ts";

/** How often a reader starts again when writes replace the object under it; each time another write was done. */
const patience = 100;
/** Milliseconds in which a move that met a write has put the sidecar in its new place. */
const settling = [1, 5, 20];

/** What was seen of an object: file and attributes of the same write. */
interface Seen {
  readonly version: FileVersion;
  readonly facts: ObjectFacts;
}

/** An object that is open to be read. */
export interface OpenObject extends Seen {
  readonly descriptor: number;
}

export async function openObject(store: Store, key: string): Promise<OpenObject> {
  return await steady(store, key, () => openFile(store, key));
}

/** In one piece, where it is small enough. */
export async function readObject(store: Store, key: string, call: ReadCall): Promise<ReadResult> {
  const { files } = store;
  const object = await openObject(store, key);
  const { facts, version, descriptor } = object;
  const close = (): Promise<void> => files.close(descriptor);
  let isStream = false;
  try {
    checkRead(facts, call);
    const range = call.range && resolveRange(call.range, facts.size);
    const wanted = range ?? { start: 0, end: facts.size };
    isStream = wanted.end - wanted.start > pieceSize;
    if (isStream)
      return { facts, range, body: { stream: fileStream(files, object, wanted, call.signal, close) } };
    const bytes = await readPiece(files, descriptor, wanted);
    // Bytes of an edit with the old attributes; without any, an etag that is out of date does no harm.
    if (mayBeDescribed(version.nanoseconds)) await checkUnchanged(files, object);
    return { facts, range, body: { bytes } };
  } finally {
    if (!isStream) await close();
  }
}

export async function statObject(store: Store, key: string): Promise<ObjectFacts> {
  return (await steady(store, key, async () => ({ stats: await statFile(store, key) }))).facts;
}

interface Look {
  readonly stats: FileStats;
  readonly descriptor?: number;
}

/**
 * Looks until file and sidecar belong together. A file whose sidecar is not there was overwritten
 * between two calls, and the next look shows the new one; or another program put it there, and it has
 * none.
 */
async function steady<T extends Look>(store: Store, key: string, look: () => Promise<T>): Promise<T & Seen> {
  // On a disk that folds names, another object's is not this one's.
  if ((await spellingOf(store, key)) === "other") throw notFound();
  let last = "";
  let looks = 0;
  for (let left = patience; left > 0; left--) {
    // Where a folder should be and is a file, or the reverse, or a socket (ENXIO), there is no object.
    const file = await unless(["ENOENT", "ENOTDIR", "ENXIO"], look());
    if (file === undefined) throw notFound();
    const version = versionOf(file.stats);
    const etag = etagOf(version);
    looks = etag === last ? looks + 1 : 0;
    last = etag;
    const pauses = isStamped(version.nanoseconds) ? settling : [];
    let attributes: Attributes | undefined;
    try {
      attributes = await attributesOf(store, key, version, looks > pauses.length);
    } finally {
      if (attributes === undefined && file.descriptor !== undefined) await store.files.close(file.descriptor);
    }
    if (attributes !== undefined) return { ...file, version, facts: factsOf(version, attributes) };
    if (looks > 0) await delay(pauses[looks - 1]);
  }
  throw new UnavailableError("the object is overwritten again and again");
}

/** Undefined where there should be a sidecar and is none. */
async function attributesOf(
  store: Store,
  key: string,
  version: FileVersion,
  mayBePlain: boolean,
): Promise<Attributes | undefined> {
  if (!mayBeDescribed(version.nanoseconds)) return plainAttributes(key);
  return (await readSidecar(store, key, version)) ?? (mayBePlain ? plainAttributes(key) : undefined);
}

function factsOf(version: FileVersion, attributes: Attributes): ObjectFacts {
  return { ...attributes, size: version.size, etag: etagOf(version), lastModified: timeOf(version) };
}

function notFound(): FileNotFoundError {
  return new FileNotFoundError("there is no object under this key");
}
