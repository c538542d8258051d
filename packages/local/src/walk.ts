import { compareKeys, StorageError } from "@storage/core";
import { errorCode, type Files, type FolderEntry, unless } from "./file-system.ts";
import { reservedName, type Tree } from "./tree.ts";

/** What a listing asks for; `after` is exclusive, a key or a folded prefix. */
export interface WalkQuery {
  readonly prefix: string;
  readonly after: string | undefined;
  readonly delimiter: string | undefined;
}

/** A key, or a prefix into which keys were folded. */
export interface Found {
  readonly key: string;
  readonly folded: boolean;
}

/** What a folder holds: with the real paths of links to folders. */
interface Names {
  readonly names: string[];
  readonly links: Map<string, string>;
}

/**
 * Keys in ascending order of their UTF-8 bytes, folder by folder as they are asked for. A folder that
 * can hold nothing of the query is never opened.
 */
export class Walk {
  readonly #tree: Tree;
  readonly #files: Files;
  readonly #query: WalkQuery;
  readonly #signal: AbortSignal;

  constructor(tree: Tree, files: Files, query: WalkQuery, signal: AbortSignal) {
    this.#tree = tree;
    this.#files = files;
    this.#query = query;
    this.#signal = signal;
  }

  async *found(): AsyncGenerator<Found> {
    const { prefix } = this.#query;
    const start = prefix.slice(0, prefix.lastIndexOf("/") + 1);
    let last: string | undefined;
    for await (const key of this.#keys(start, [this.#tree.root])) {
      const folded = this.#fold(key);
      if (folded === undefined) yield { key, folded: false };
      else if (folded !== last) yield { key: folded, folded: true };
      last = folded;
    }
  }

  /** `above` are the real paths of the folders that we came through: a link back to one would never end. */
  async *#keys(folder: string, above: readonly string[]): AsyncGenerator<string> {
    const { names, links } = await this.#read(folder, above);
    for (const name of names) {
      const key = folder + name;
      if (!name.endsWith("/")) {
        if (key.startsWith(this.#query.prefix) && !this.#isPast(key)) yield key;
      } else if (this.#mayHold(key)) {
        yield* this.#inside(key, [...above, links.get(name) ?? `${above.at(-1)}/${name.slice(0, -1)}`]);
      }
    }
  }

  /** Of a folder that is folded as a whole, the first key stands for all. */
  async *#inside(folder: string, above: readonly string[]): AsyncGenerator<string> {
    for await (const key of this.#keys(folder, above)) {
      yield key;
      if (this.#fold(folder) !== undefined) return;
    }
  }

  /** A folder's names, in order; those of folders end in a slash, as inside keys, so that they sort as keys do. */
  async #read(folder: string, above: readonly string[]): Promise<Names> {
    this.#signal.throwIfAborted();
    const found: Names = { names: [], links: new Map() };
    await this.#withEntries(folder, async (path, entries) => {
      for (const entry of entries) {
        if (entry.isFile()) found.names.push(entry.name);
        else if (entry.isDirectory() && !isReserved(folder, entry)) found.names.push(`${entry.name}/`);
        else if (entry.isSymbolicLink())
          await this.#follow(`${path}/${entry.name}`, entry.name, above, found);
      }
    });
    sort(found.names);
    return found;
  }

  /** A folder that went away meanwhile, or leads out of the tree, holds nothing; one that cannot be read is an error. */
  async #withEntries(
    folder: string,
    work: (path: string, entries: FolderEntry[]) => Promise<void>,
  ): Promise<void> {
    try {
      const opened = await this.#tree.folder(folder.split("/").slice(0, -1));
      try {
        await work(opened.path, await this.#readable(opened.path));
      } finally {
        await opened.close();
      }
    } catch (error) {
      if (StorageError.is(error, "PermissionDenied")) return;
      if (!["ENOENT", "ENOTDIR"].includes(errorCode(error) ?? "")) throw error;
    }
  }

  /** Without names that are no UTF-8: Node shows them with U+FFFD, and nobody can open them by that. */
  async #readable(path: string): Promise<FolderEntry[]> {
    const entries = await this.#files.entries(path);
    const doubtful = entries.filter(({ name }) => name.includes("\ufffd"));
    const bad = new Set<FolderEntry>();
    for (const entry of doubtful) {
      if ((await this.#files.look(`${path}/${entry.name}`)) === undefined) bad.add(entry);
    }
    return bad.size === 0 ? entries : entries.filter((entry) => !bad.has(entry));
  }

  async #follow(
    path: string,
    name: string,
    above: readonly string[],
    { names, links }: Names,
  ): Promise<void> {
    const gone = ["ENOENT", "ENOTDIR", "ELOOP", "EACCES"];
    const target = await unless(gone, this.#files.realpath(path));
    if (target === undefined || !this.#tree.isInside(target)) return;
    const stats = await unless(gone, this.#files.look(target));
    if (stats?.isFile()) names.push(name);
    if (!stats?.isDirectory() || above.some((real) => `${real}/`.startsWith(`${target}/`))) return;
    names.push(`${name}/`);
    links.set(`${name}/`, target);
  }

  #mayHold(folder: string): boolean {
    const { prefix, after } = this.#query;
    if (!folder.startsWith(prefix) && !prefix.startsWith(folder)) return false;
    if (after === undefined || (after.startsWith(folder) && !this.#isFolded(after))) return true;
    return !this.#isPast(folder);
  }

  #isPast(key: string): boolean {
    const { after } = this.#query;
    if (after === undefined) return false;
    return compareKeys(key, after) <= 0 || (this.#isFolded(after) && key.startsWith(after));
  }

  #isFolded(after: string): boolean {
    return this.#fold(after) === after;
  }

  #fold(key: string): string | undefined {
    const { prefix, delimiter } = this.#query;
    if (delimiter === undefined || !key.startsWith(prefix)) return undefined;
    const at = key.indexOf(delimiter, prefix.length);
    return at === -1 ? undefined : key.slice(0, at + delimiter.length);
  }
}

function isReserved(folder: string, { name }: FolderEntry): boolean {
  return folder === "" && name === reservedName;
}

const beyondPlain = /[\ud800-\uffff]/;

/** The order of UTF-16, which is fast, is that of UTF-8 up to U+D7FF. */
function sort(names: string[]): void {
  if (names.some((name) => beyondPlain.test(name))) names.sort(compareKeys);
  else names.sort();
}
