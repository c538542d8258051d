import { compareKeys, type DriverEntry, type DriverPage, type ListCall } from "@storage/core";
import type { FileStats } from "./file-system.ts";
import { errorCode } from "./files.ts";
import { etagOf, timeOf, versionOf } from "./stamp.ts";
import type { Store } from "./store.ts";
import { together } from "./together.ts";
import { type Found, Walk } from "./walk.ts";

/** Looks at so many files at a time: what the threads of Node keep busy with. */
const width = 32;

export async function listPage(store: Store, call: ListCall): Promise<DriverPage> {
  const { prefix, delimiter, limit, keysOnly, signal } = call;
  const walk = new Walk(store.tree, store.files, { prefix, delimiter, after: placeOf(call) }, signal);
  const found: Found[] = [];
  for await (const run of walk.found()) {
    for (const item of run) found.push(item);
    if (found.length > limit) break;
  }
  const more = found.length > limit;
  found.length = Math.min(found.length, limit);
  const keys = found.filter((item) => !item.folded).map((item) => item.key);
  return {
    entries: keysOnly ? keys.map((key) => ({ key })) : await entriesOf(store, keys, signal),
    prefixes: found.filter((item) => item.folded).map((item) => item.key),
    more,
    // What is listed may be gone by now: the page can end before the place where it stopped.
    cursor: found.at(-1)?.key,
  };
}

function placeOf({ after, cursor }: ListCall): string | undefined {
  if (after === undefined || cursor === undefined) return cursor ?? after;
  return compareKeys(after, cursor) < 0 ? cursor : after;
}

/** In order; what went away meanwhile is left out. */
async function entriesOf(store: Store, keys: readonly string[], signal: AbortSignal): Promise<DriverEntry[]> {
  const entries: DriverEntry[] = [];
  for (const group of byFolder(keys)) entries.push(...(await entriesIn(store, group, signal)));
  return entries;
}

interface Group {
  readonly folder: string;
  readonly keys: string[];
}

function byFolder(keys: readonly string[]): Group[] {
  const groups: Group[] = [];
  for (const key of keys) {
    const folder = key.slice(0, key.lastIndexOf("/") + 1);
    const last = groups.at(-1);
    if (last?.folder === folder) last.keys.push(key);
    else groups.push({ folder, keys: [key] });
  }
  return groups;
}

async function entriesIn(store: Store, { folder, keys }: Group, signal: AbortSignal): Promise<DriverEntry[]> {
  const opened = await unlessGone(store.tree.folder(folder.split("/").slice(0, -1)));
  if (opened === undefined) return [];
  const entries: (DriverEntry | undefined)[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < keys.length; index = next++) {
      signal.throwIfAborted();
      const key = keys[index] ?? "";
      entries[index] = await entryOf(store, key, `${opened.path}/${key.slice(folder.length)}`);
    }
  };
  try {
    const stop = (error: unknown): never => {
      next = keys.length;
      throw error;
    };
    await together(...Array.from({ length: Math.min(width, keys.length) }, () => worker().catch(stop)));
  } finally {
    await opened.close();
  }
  return entries.filter((entry) => entry !== undefined);
}

async function entryOf(store: Store, key: string, path: string): Promise<DriverEntry | undefined> {
  const seen = await unlessGone(store.files.look(path));
  const stats: FileStats | undefined = seen?.isSymbolicLink() ? await unlessGone(store.tree.stat(key)) : seen;
  if (!stats?.isFile()) return undefined;
  const version = versionOf(stats);
  return { key, size: version.size, etag: etagOf(version), lastModified: timeOf(version) };
}

const goneCodes = new Set(["ENOENT", "ENOTDIR", "FileNotFound", "PermissionDenied"]);

/** Undefined for what went away, or leads out of the tree by now. */
async function unlessGone<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (goneCodes.has(errorCode(error) ?? "")) return undefined;
    throw error;
  }
}
