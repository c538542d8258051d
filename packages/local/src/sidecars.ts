import { type Attributes, contentTypeOf, writeId } from "@storage/core";
import { digestOf } from "./digest.ts";
import { storageError } from "./errors.ts";
import { readPiece } from "./file-body.ts";
import { ifThere, toCreate, toRead, unless, withFile } from "./files.ts";
import { parentOf } from "./folders.ts";
import { etagOf, type FileVersion, mayBeDescribed } from "./stamp.ts";
import { preparing, type Store, syncFile, syncFolder } from "./store.ts";

// Attributes under `.storage/meta`, in files named after the key and the version (size and time) of the
// object's file. So a sidecar can be written before its object, belongs to no other bytes, and survives a
// backup that keeps times.

/** Whose a sidecar is. */
export interface Owner {
  readonly key: string;
  /** The temp file of the write that made it: while that is there, the object is still to come. */
  readonly writer: string;
}

/** What a sidecar holds: what its object's file does not say by itself. */
export interface Description extends Owner, Partial<Attributes> {}

export async function readSidecar(
  store: Store,
  key: string,
  version: FileVersion,
): Promise<Attributes | undefined> {
  if (!mayBeDescribed(version)) return undefined;
  const text = await textOf(store, pathOf(store, key, version));
  if (text === undefined) return undefined;
  const description = parsed(text);
  if (description === undefined)
    throw storageError("Integrity", "the attributes of this object are damaged on the disk");
  const { key: _, writer: __, ...attributes } = description;
  return { ...plainAttributes(key), ...attributes };
}

/** Undefined where it is gone, or where its writing broke off. */
export async function ownerOf(store: Store, path: string): Promise<Owner | undefined> {
  return parsed((await textOf(store, path)) ?? "");
}

function parsed(text: string): Description | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** False where there is one for this version already, which stays. */
export async function writeSidecar(
  store: Store,
  version: FileVersion,
  description: Description,
): Promise<boolean> {
  const { files } = store;
  const path = pathOf(store, description.key, version);
  const opening = preparing(store, () => files.open(path, toCreate, store.mode), parentOf(path));
  const descriptor = await unless(["EEXIST"], opening);
  if (descriptor === undefined) return false;
  try {
    await fill(store, descriptor, description);
    await syncFolder(store, parentOf(path));
    return true;
  } catch (error) {
    await files.remove(path).catch(() => {});
    throw error;
  }
}

/** In one step, by way of a temp file, whether or not there is one. */
export async function replaceSidecar(
  store: Store,
  version: FileVersion,
  description: Description,
  temporary: string,
): Promise<void> {
  const { files } = store;
  const path = pathOf(store, description.key, version);
  await fill(store, await files.open(temporary, toCreate, store.mode), description);
  await preparing(store, () => files.rename(temporary, path), parentOf(path));
  await syncFolder(store, parentOf(path));
}

async function fill(store: Store, opened: number, description: Description): Promise<void> {
  const { files } = store;
  const bytes = Buffer.from(JSON.stringify(description));
  await withFile(files, opened, async (descriptor) => {
    await files.write(descriptor, bytes, 0);
    await syncFile(store, descriptor);
  });
}

export async function removeSidecar(store: Store, key: string, version: FileVersion): Promise<void> {
  await store.files.remove(pathOf(store, key, version)).catch(() => {});
}

async function textOf({ files }: Store, path: string): Promise<string | undefined> {
  const reading = withFile(files, files.open(path, toRead), async (descriptor) => {
    const { size } = await files.fstat(descriptor);
    return new TextDecoder().decode(await readPiece(files, descriptor, { start: 0, end: Number(size) }));
  });
  return await ifThere(reading);
}

export function sidecarName(key: string, version: FileVersion): string {
  return `${digestOf(key)}.${etagOf(version)}`;
}

function pathOf({ own }: Store, key: string, version: FileVersion): string {
  const name = sidecarName(key, version);
  return `${own}/meta/${name.slice(0, 2)}/${name}`;
}

/** What a file says by itself. */
export function plainAttributes(key: string): Attributes {
  return { contentType: contentTypeOf(key), metadata: {}, internal: {} };
}

/** Without the write id: a local write never loses its reply. */
export function withoutWriteId(attributes: Attributes): Attributes {
  const { [writeId]: _, ...internal } = attributes.internal;
  return { ...attributes, internal };
}

/** Whether the file says it all by itself. */
export function isPlain(key: string, { contentType, metadata, internal, ...headers }: Attributes): boolean {
  const rest = Object.values({ ...headers, ...metadata, ...internal });
  return contentType === contentTypeOf(key) && rest.every((value) => value === undefined);
}
