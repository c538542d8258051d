import { compareKeys, StorageError } from "@storage/core";
import type { FolderEntry } from "./file-system.ts";
import { errorCode, type Files, unless } from "./files.ts";
import { reservedName } from "./folders.ts";
import type { Tree } from "./tree.ts";

/** What a folder holds: with the real paths of links to folders. */
export interface Names {
  readonly names: string[];
  readonly links: Map<string, string>;
}

/** What a path has that leads to nothing that we may see. */
const gone = ["ENOENT", "ENOTDIR", "ELOOP", "EACCES"];

/**
 * A folder's names, in order; those of folders end in a slash, as inside keys, so that they sort as keys do.
 * `above` are the real paths of the folders that we came through: a link back to one would never end.
 */
export async function readNames(
  tree: Tree,
  files: Files,
  folder: string,
  above: readonly string[],
): Promise<Names> {
  const found: Names = { names: [], links: new Map() };
  await withEntries(tree, files, folder, async (path, entries) => {
    for (const entry of entries) {
      if (entry.isFile()) found.names.push(entry.name);
      else if (entry.isDirectory()) found.names.push(`${entry.name}/`);
      else if (entry.isSymbolicLink()) await follow(tree, files, path, entry.name, above, found);
    }
  });
  sort(found.names);
  return found;
}

/** A folder that went away meanwhile, or leads out of the tree, holds nothing; one that cannot be read is an error. */
async function withEntries(
  tree: Tree,
  files: Files,
  folder: string,
  work: (path: string, entries: FolderEntry[]) => Promise<void>,
): Promise<void> {
  try {
    const opened = await tree.folder(folder.split("/").slice(0, -1));
    try {
      await work(opened.path, await readable(files, folder, opened.path));
    } finally {
      await opened.close();
    }
  } catch (error) {
    if (StorageError.is(error, "PermissionDenied")) return;
    if (!["ENOENT", "ENOTDIR"].includes(errorCode(error) ?? "")) throw error;
  }
}

/** Without our own, and those that are no UTF-8: Node shows them with U+FFFD, and nobody can open them by that. */
async function readable(files: Files, folder: string, path: string): Promise<FolderEntry[]> {
  const all = await files.entries(path);
  const entries = folder === "" ? all.filter(({ name }) => name !== reservedName) : all;
  const doubtful = entries.filter(({ name }) => name.includes("\ufffd"));
  const bad = new Set<FolderEntry>();
  for (const entry of doubtful) {
    if ((await files.look(`${path}/${entry.name}`)) === undefined) bad.add(entry);
  }
  return bad.size === 0 ? entries : entries.filter((entry) => !bad.has(entry));
}

async function follow(
  tree: Tree,
  files: Files,
  folder: string,
  name: string,
  above: readonly string[],
  { names, links }: Names,
): Promise<void> {
  const target = await unless(gone, files.realpath(`${folder}/${name}`));
  if (target === undefined || !tree.isInside(target)) return;
  const stats = await unless(gone, files.look(target));
  if (stats?.isFile()) names.push(name);
  if (!stats?.isDirectory() || above.some((path) => isWithin(path, target))) return;
  names.push(`${name}/`);
  links.set(`${name}/`, target);
}

/** The real paths of the folders down to this one; undefined where a walk from the top does not come there. */
export async function wayTo(tree: Tree, files: Files, folder: string): Promise<string[] | undefined> {
  const realOf = (path: string): Promise<string | undefined> =>
    unless(["ENOENT", "ENOTDIR", "ELOOP"], files.realpath(path));
  const way = [tree.root];
  for (const name of folder.split("/").slice(0, -1)) way.push(`${way.at(-1)}/${name}`);
  const last = way.at(-1) ?? tree.root;
  if (way.length === 1 || (await realOf(last)) === last) return way;
  const above = [tree.root];
  for (const path of way.slice(1)) {
    const real = await realOf(path);
    if (real === undefined || above.some((one) => isWithin(one, real))) return undefined;
    above.push(real);
  }
  return above;
}

function isWithin(path: string, folder: string): boolean {
  return `${path}/`.startsWith(`${folder}/`);
}

const beyondPlain = /[\ud800-\uffff]/;

/** The order of UTF-16, which is fast, is that of UTF-8 up to U+D7FF. */
function sort(names: string[]): void {
  if (names.some((name) => beyondPlain.test(name))) names.sort(compareKeys);
  else names.sort();
}
