import { ifThere, toCreate, unless } from "./files.ts";
import { isOwnName, mayBeAlive, uniqueName } from "./identity.ts";
import { preparing, type Store } from "./store.ts";

// The temp files under `.storage/tmp`: each has one writer, and is gone when that writer ends.

/** Those of every backend here: two may share a folder. */
const live = new Set<string>();

/** The one file that a temp folder may hold: an object on its way out, or a sidecar on its way in. */
const only = "/removed";

export function temporaryPath({ own }: Store, name: string): string {
  return `${own}/tmp/${name}`;
}

/** Gives a name of our own that is not a file yet; what is there of it afterwards is removed, or is for the next sweep. */
export async function withTemporary<T>(store: Store, work: (name: string) => Promise<T>): Promise<T> {
  const name = await uniqueName();
  live.add(name);
  try {
    return await work(name);
  } finally {
    if (live.has(name)) await clear(store, name).catch(() => {});
    release(name);
  }
}

/** The file was renamed away: there is nothing to remove. */
export function release(name: string): void {
  live.delete(name);
}

export function createTemporary(store: Store, name: string): Promise<number> {
  return preparing(store, () => store.files.open(temporaryPath(store, name), toCreate, store.mode));
}

/** A folder of this name, where there is none yet; gives the path of the one file that it may hold. */
export async function createTemporaryFolder(store: Store, name: string): Promise<string> {
  const path = temporaryPath(store, name);
  await preparing(store, () => store.files.mkdir(path, 0o700));
  return path + only;
}

/** Whether there was a file, or a folder, to remove. */
export async function clear(store: Store, name: string): Promise<boolean> {
  const { files } = store;
  const path = temporaryPath(store, name);
  const wasFile = await unless(["EISDIR", "EPERM"], files.remove(path));
  if (wasFile !== undefined) return wasFile;
  await files.remove(path + only);
  await ifThere(files.rmdir(path));
  return true;
}

/**
 * Removes what dead writers left, never a live writer's. Where nobody here can know which it is, what
 * was not written to for `olderThan` milliseconds is left over.
 */
export function sweepTemporaries(store: Store, olderThan: number): Promise<number> {
  const isKept = (name: string): Promise<boolean> => isLive(store, name, olderThan);
  return sweepFolder(store, "tmp", isKept, (name) => clear(store, name));
}

/** Removes what is not kept from a folder of our own; tells how many that were. */
export async function sweepFolder(
  { files, own }: Store,
  folder: string,
  isKept: (name: string, path: string) => Promise<boolean>,
  remove: (name: string, path: string) => Promise<boolean> = (_, path) => files.remove(path),
): Promise<number> {
  let removed = 0;
  for (const name of await files.names(`${own}/${folder}`)) {
    const path = `${own}/${folder}/${name}`;
    if (!(await isKept(name, path)) && (await remove(name, path))) removed++;
  }
  return removed;
}

/** Whether somebody still writes this file, as far as anybody can know here. */
export async function isLive(store: Store, name: string, olderThan: number): Promise<boolean> {
  if (live.has(name)) return true;
  const stats = await store.files.look(temporaryPath(store, name));
  if (stats === undefined || (await isOwnName(name))) return false;
  return await mayBeAlive(name, stats, olderThan);
}
