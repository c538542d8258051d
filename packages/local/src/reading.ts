import { setTimeout as delay } from "node:timers/promises";
import { type Attributes, FileNotFoundError, type ObjectFacts, UnavailableError } from "@storage/core";
import { unless } from "./files.ts";
import { plainAttributes } from "./sidecars.ts";
import { spellingOf } from "./spelling.ts";
import { etagOf, type FileVersion, isStamped, mayBeDescribed, timeOf, versionOf } from "./stamp.ts";
import type { Store } from "./store.ts";

/** How often a reader starts again when writes replace the object under it; each time another write was done. */
const patience = 100;
/** Milliseconds in which a move that met a write has put the sidecar in its new place. */
const settling = [1, 5, 20];

/** An object that is open to be read: file and attributes of the same write. */
export interface OpenObject {
  readonly descriptor: number;
  readonly version: FileVersion;
  readonly facts: ObjectFacts;
}

export async function openObject(store: Store, key: string): Promise<OpenObject> {
  await checkSpelling(store, key);
  return await steady(async (plain) => {
    const { descriptor, stats } = await ofObject(store.tree.open(key));
    const version = versionOf(stats);
    let attributes: Attributes | undefined;
    try {
      attributes = await attributesOf(store, key, version, plain);
    } finally {
      if (attributes === undefined) await store.files.close(descriptor);
    }
    if (attributes === undefined) return { missing: version };
    return { found: { descriptor, version, facts: factsOf(version, attributes) } };
  });
}

export async function statObject(store: Store, key: string): Promise<ObjectFacts> {
  await checkSpelling(store, key);
  return await steady(async (plain) => {
    const version = versionOf(await ofObject(store.tree.stat(key)));
    const attributes = await attributesOf(store, key, version, plain);
    return attributes === undefined ? { missing: version } : { found: factsOf(version, attributes) };
  });
}

/** Where a folder should be and is a file, or the reverse, or a socket (ENXIO), there is no object. */
async function ofObject<T>(looking: Promise<T>): Promise<T> {
  const found = await unless(["ENOENT", "ENOTDIR", "ENXIO"], looking);
  if (found === undefined) throw new FileNotFoundError("there is no object under this key");
  return found;
}

type Look<T> =
  | { readonly found: T; readonly missing?: never }
  | { readonly missing: FileVersion; readonly found?: never };

/**
 * Looks until file and sidecar belong together. A file whose sidecar is not there was overwritten
 * between two calls, and the next look shows the new one; or another program put it there, and it has
 * none: then `look` is told so.
 */
async function steady<T>(look: (plain: FileVersion | undefined) => Promise<Look<T>>): Promise<T> {
  let plain: FileVersion | undefined;
  let last: FileVersion | undefined;
  let waits = 0;
  for (let left = patience; left > 0; left--) {
    const { found, missing } = await look(plain);
    if (missing === undefined) return found;
    const pause = settling[waits];
    if (last === undefined || etagOf(last) !== etagOf(missing)) waits = 0;
    else if (isStamped(missing.nanoseconds) && pause !== undefined) {
      await delay(pause);
      waits++;
    } else plain = missing;
    last = missing;
  }
  throw new UnavailableError("the object is overwritten again and again");
}

/** Undefined where there should be a sidecar and is none, save for the version that is known to be plain. */
async function attributesOf(
  store: Store,
  key: string,
  version: FileVersion,
  plain: FileVersion | undefined,
): Promise<Attributes | undefined> {
  if (!mayBeDescribed(version.nanoseconds)) return plainAttributes(key);
  const attributes = await store.sidecars.read(key, version);
  if (attributes !== undefined || plain === undefined) return attributes;
  return etagOf(plain) === etagOf(version) ? plainAttributes(key) : undefined;
}

function factsOf(version: FileVersion, attributes: Attributes): ObjectFacts {
  return { ...attributes, size: version.size, etag: etagOf(version), lastModified: timeOf(version) };
}

/** On a disk that folds names, another object's is not this one's. */
async function checkSpelling(store: Store, key: string): Promise<void> {
  const spelling = await spellingOf(store, key);
  if (spelling === "other")
    throw new FileNotFoundError("there is no object under this key, only under another spelling");
}
