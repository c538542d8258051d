import { leadsOut } from "./errors.ts";
import { errorCode, ifThere, toNameFolder, unless } from "./files.ts";
import { makeFolder, type Store } from "./store.ts";

// The folders under `basePath`, contained by real path: a symbolic link may lead about in the tree, never
// out of it. On Linux what was checked is what is used, since a descriptor stays what it is whatever becomes
// of its path; elsewhere a link that is swapped in meanwhile is noticed afterwards.

export interface Closable {
  close(): Promise<unknown>;
}

/** A folder that is proven to lie in the tree: a path through it leads nowhere else. */
export interface Folder extends Closable {
  readonly path: string;
}

/** What a path has that leads to nothing that we may see. */
export const leadsNowhere: readonly string[] = ["ENOENT", "ENOTDIR", "ELOOP", "EACCES"];

/** The folder of a key or of a folder; "" is `basePath`. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

export function lastNameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** @throws ENOENT, ENOTDIR where it is not there. @throws PermissionDeniedError where it leads out. */
export async function openFolder(store: Store, folder: string): Promise<Folder> {
  if (folder === "") return { path: store.root || "/", close: async () => {} };
  try {
    return await folderAt(store, `${store.root}/${folder}`);
  } catch (error) {
    // What lies outside is nobody's business: neither whether it is there, nor what it is.
    const parent = await openFolder(store, parentOf(folder)).catch(unlessLeadsOut);
    await parent?.close();
    throw error;
  }
}

/** As `openFolder`, making what is missing. */
export async function makeFolders(store: Store, folder: string): Promise<Folder> {
  const found = await ifThere(openFolder(store, folder));
  if (found !== undefined) return found;
  return await closing(makeFolders(store, parentOf(folder)), async (parent) => {
    const path = `${parent.path}/${lastNameOf(folder)}`;
    if ((await store.files.look(path))?.isSymbolicLink()) throw leadsOut();
    await makeFolder(store, path);
    return await folderAt(store, path);
  });
}

/** Gives what is open to the work, and closes it. */
export async function closing<Open extends Closable, T>(
  opening: Open | Promise<Open>,
  work: (open: Open) => Promise<T>,
): Promise<T> {
  const open = await opening;
  try {
    return await work(open);
  } finally {
    await open.close();
  }
}

async function folderAt(store: Store, path: string): Promise<Folder> {
  const { files, byDescriptor } = store;
  if (!byDescriptor) {
    const check = async (): Promise<void> => checkInside(store, await files.realpath(path));
    await check();
    return { path, close: () => ifThere(check()) };
  }
  const descriptor = await files.open(path, toNameFolder);
  const folder = { path: descriptorPath(descriptor), close: () => files.close(descriptor) };
  return await freeOnFailure(folder, async () => {
    checkInside(store, await files.readlink(folder.path));
    return folder;
  });
}

/** The caller closes what is open, save where the work fails. */
export async function freeOnFailure<T>(open: Closable, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await open.close();
    throw error;
  }
}

/** Whatever became of its name. */
export function descriptorPath(descriptor: number): string {
  return `/proc/self/fd/${descriptor}`;
}

/** Where a link leads to in the tree; undefined where it leads out or nowhere. */
export async function realPathOf(store: Store, path: string): Promise<string | undefined> {
  const real = await unless(leadsNowhere, store.files.realpath(path));
  return real !== undefined && isInside(store, real) ? real : undefined;
}

export function checkInside(store: Store, realPath: string): void {
  if (!isInside(store, realPath)) throw leadsOut();
}

function isInside({ root, own }: Store, realPath: string): boolean {
  return isWithin(realPath, root) && !isWithin(realPath, own);
}

export function isWithin(path: string, folder: string): boolean {
  return `${path}/`.startsWith(`${folder}/`);
}

function unlessLeadsOut(error: unknown): undefined {
  if (errorCode(error) === "PermissionDenied") throw error;
}
