import { leadsOut, notFound, storageError } from "./errors.ts";
import type { FileStats } from "./file-system.ts";
import { errorCode, ifThere, toReadAny, toReadNoLink, unless } from "./files.ts";
import {
  type Closable,
  checkInside,
  closing,
  descriptorPath,
  type Folder,
  freeOnFailure,
  lastNameOf,
  makeFolders,
  openFolder,
  parentOf,
  realPathOf,
} from "./folders.ts";
import { persisting } from "./persisting.ts";
import type { Store } from "./store.ts";

/** Bytes, of Linux (PATH_MAX, less its end); elsewhere the system itself refuses what is too long. */
const longestPath = 4095;

/** The name of a key's file in its folder, and what stands there. */
export interface Place extends Closable {
  readonly path: string;
  /** The path of its folder. */
  readonly folder: string;
  /** Undefined where nothing stands there. */
  readonly before: FileStats | undefined;
}

/** A file that is open, and proven to lie in the tree. */
export interface OpenFile extends Closable {
  readonly descriptor: number;
  readonly stats: FileStats;
}

/** Where a key's file is, or will be in the folder that is given; the caller closes it. */
export async function placeOf(
  store: Store,
  key: string,
  opening: Promise<Folder> = openFolder(store, parentOf(key)),
): Promise<Place> {
  const folder = await opening;
  const path = `${folder.path}/${lastNameOf(key)}`;
  return await freeOnFailure(folder, async () => {
    // By way of a descriptor a file could be stored that no program can open by its path.
    if (Buffer.byteLength(`${store.root}/${key}`) > longestPath)
      throw storageError("InvalidKey", "the file system takes no path of this length");
    const before = await store.files.look(path);
    if (before?.isSymbolicLink() && (await realPathOf(store, path)) === undefined) throw leadsOut();
    return { path, folder: folder.path, before, close: folder.close };
  });
}

/** Works at a key's place, in a folder that is made where it is missing; and again when it is pruned meanwhile. */
export async function makingPlace<T extends object>(
  store: Store,
  key: string,
  found: Place | undefined,
  work: (place: Place) => Promise<T>,
): Promise<T> {
  let place = found;
  return await persisting(async () => {
    place ??= await ifThere(placeOf(store, key, makeFolders(store, parentOf(key))));
    try {
      return place && (await work(place));
    } catch (error) {
      if (place?.before === undefined) await prune(store, key);
      if (errorCode(error) !== "ENOENT") throw error;
      return undefined;
    } finally {
      await place?.close();
      place = undefined;
    }
  });
}

/** Opens a file to read. What is no file is no object: FileNotFoundError. */
export async function openFile(store: Store, key: string): Promise<OpenFile> {
  const { files, byDescriptor } = store;
  const path = `${store.root}/${key}`;
  let isDirect = true;
  const opening = async (): Promise<number> => {
    if (!byDescriptor) checkInside(store, await files.realpath(path));
    const descriptor = await unless(["ELOOP"], files.open(path, toReadNoLink));
    isDirect = descriptor !== undefined;
    return descriptor ?? (await files.open(path, toReadAny));
  };
  const descriptor = await opening().catch(async (error: unknown) => {
    // A failure tells nothing of what lies outside: whether a name is there, or may be read.
    await (await placeOf(store, key)).close();
    throw error;
  });
  return await freeOnFailure({ close: () => files.close(descriptor) }, async () => {
    const isTrusted = isDirect && !key.includes("/");
    const [stats] = await Promise.all([
      files.fstat(descriptor),
      isTrusted ? undefined : checkOpen(store, descriptor, path),
    ]);
    if (!stats.isFile()) throw notFound();
    return { descriptor, stats, close: () => files.close(descriptor, stats.size) };
  });
}

async function checkOpen(store: Store, descriptor: number, path: string): Promise<void> {
  const { files, byDescriptor } = store;
  const real = byDescriptor ? files.readlink(descriptorPath(descriptor)) : ifThere(files.realpath(path));
  checkInside(store, (await real) ?? store.root);
}

/** The facts of a key's file without opening it to read. */
export async function statFile(store: Store, key: string): Promise<FileStats> {
  const { before } = await closing(placeOf(store, key), async (place) => place);
  if (before?.isFile()) return before;
  if (!before?.isSymbolicLink()) throw notFound();
  return await closing(openFile(store, key), async ({ stats }) => stats);
}

/** Removes folders that hold nothing any more, from a key's upwards. */
export async function prune(store: Store, key: string): Promise<void> {
  try {
    for (let folder = parentOf(key); folder !== ""; folder = parentOf(folder))
      await removeFolder(store, folder);
  } catch {
    // It holds something, or is gone.
  }
}

/** Removes a folder that holds nothing but empty folders. @throws ENOTEMPTY for any other. */
export async function clearFolder(store: Store, path: string): Promise<void> {
  await closing(openFolder(store, path), async (folder) => {
    const entries = await store.files.entries(folder.path);
    if (!entries.every((entry) => entry.isDirectory())) return;
    for (const { name } of entries) await ifThere(clearFolder(store, `${path}/${name}`));
  });
  await removeFolder(store, path);
}

async function removeFolder(store: Store, path: string): Promise<void> {
  await closing(openFolder(store, parentOf(path)), (parent) =>
    store.files.rmdir(`${parent.path}/${lastNameOf(path)}`),
  );
}
