import { compareKeys } from "@storage/core";
import type { Files } from "./files.ts";
import { type Names, readNames, wayTo } from "./folder-names.ts";
import type { Tree } from "./tree.ts";

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

/** A folder on the way: being read, and how we came there. */
interface Inside {
  readonly reading: Promise<Names>;
  readonly above: readonly string[];
}

/** Keys that are handed on at once. */
const longestRun = 1000;
/** Folders that are read at once. */
const deepest = 16;

/**
 * Keys in ascending order of their UTF-8 bytes, folder by folder as they are asked for. A folder that
 * can hold nothing of the query is never opened.
 */
export class Walk {
  readonly #tree: Tree;
  readonly #files: Files;
  readonly #query: WalkQuery;
  readonly #signal: AbortSignal;
  readonly #readingAhead = new Set<Promise<Names>>();
  #depth = 1;

  constructor(tree: Tree, files: Files, query: WalkQuery, signal: AbortSignal) {
    this.#tree = tree;
    this.#files = files;
    this.#query = query;
    this.#signal = signal;
  }

  /** In runs, since a step for each key would cost more than the key. */
  async *found(): AsyncGenerator<readonly Found[]> {
    const { prefix } = this.#query;
    const start = prefix.slice(0, prefix.lastIndexOf("/") + 1);
    const above = await wayTo(this.#tree, this.#files, start);
    if (above === undefined) return;
    let last: string | undefined;
    try {
      for await (const run of this.#keys(start, this.#read(start, above), above)) {
        const found: Found[] = [];
        for (const key of run) {
          const folded = this.#fold(key);
          if (folded === undefined) found.push({ key, folded: false });
          else if (folded !== last) found.push({ key: folded, folded: true });
          last = folded;
        }
        yield found;
      }
    } finally {
      await Promise.allSettled(this.#readingAhead);
    }
  }

  /** `above` are the real paths of the folders that we came through: a link back to one would never end. */
  async *#keys(folder: string, reading: Promise<Names>, above: readonly string[]): AsyncGenerator<string[]> {
    const { names, links } = await reading;
    const ahead = new Map<string, Inside>();
    const isFolded = this.#fold(folder) !== undefined;
    for (const step of this.#steps(folder, names)) {
      if (typeof step !== "number") {
        yield step;
        continue;
      }
      this.#readAhead(folder, names.slice(step, step + (isFolded ? 1 : this.#depth)), links, above, ahead);
      const name = names[step] ?? "";
      const inside = ahead.get(name);
      if (inside !== undefined) yield* this.#inside(folder + name, inside);
      ahead.delete(name);
    }
  }

  /** A folder's own keys in runs, and between them the places of the folders to be entered. */
  *#steps(folder: string, names: readonly string[]): Generator<string[] | number> {
    let run: string[] = [];
    for (const [place, name] of names.entries()) {
      const key = folder + name;
      const isFolder = name.endsWith("/");
      if (!isFolder && this.#isWanted(key)) run.push(key);
      const enters = isFolder && this.#mayHold(key);
      if (!enters && run.length < longestRun) continue;
      yield run;
      run = [];
      if (enters) yield place;
    }
    yield run;
  }

  /** Of a folder that is folded as a whole, the first key stands for all. */
  async *#inside(folder: string, { reading, above }: Inside): AsyncGenerator<string[]> {
    for await (const run of this.#keys(folder, reading, above)) {
      yield run;
      if (run.length > 0 && this.#fold(folder) !== undefined) return;
    }
  }

  /** The longer a walk goes on, the more folders are read before it comes to them: a first page reads few in vain. */
  #readAhead(
    folder: string,
    names: readonly string[],
    links: ReadonlyMap<string, string>,
    above: readonly string[],
    ahead: Map<string, Inside>,
  ): void {
    for (const name of names) {
      if (!name.endsWith("/") || ahead.has(name) || !this.#mayHold(folder + name)) continue;
      const through = [...above, links.get(name) ?? `${above.at(-1)}/${name.slice(0, -1)}`];
      const reading = this.#read(folder + name, through);
      this.#readingAhead.add(reading);
      reading.catch(() => {}).finally(() => this.#readingAhead.delete(reading));
      ahead.set(name, { reading, above: through });
    }
    this.#depth = Math.min(deepest, this.#depth * 2);
  }

  async #read(folder: string, above: readonly string[]): Promise<Names> {
    this.#signal.throwIfAborted();
    return await readNames(this.#tree, this.#files, folder, above);
  }

  #mayHold(folder: string): boolean {
    const { prefix, after } = this.#query;
    if (!folder.startsWith(prefix) && !prefix.startsWith(folder)) return false;
    if (after === undefined || (after.startsWith(folder) && !this.#isFolded(after))) return true;
    return !this.#isPast(folder);
  }

  #isWanted(key: string): boolean {
    return key.startsWith(this.#query.prefix) && !this.#isPast(key);
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
