import { compareKeys } from "@storage/core";
import { readNames, wayTo } from "./folder-names.ts";
import type { Store } from "./store.ts";

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

/** Keys that are handed on at once. */
const longestRun = 1000;
/** Folders that are read at once. */
const deepest = 16;

/**
 * Keys in ascending order of their UTF-8 bytes, folder by folder as they are asked for. A folder that
 * can hold nothing of the query is never opened.
 */
export class Walk {
  readonly #store: Store;
  readonly #query: WalkQuery;
  readonly #signal: AbortSignal;
  /** Folders that were read before the walk comes to them. */
  readonly #ahead = new Map<string, Promise<string[]>>();
  #depth = 1;

  constructor(store: Store, query: WalkQuery, signal: AbortSignal) {
    this.#store = store;
    this.#query = query;
    this.#signal = signal;
  }

  /** In runs, since a step for each key would cost more than the key. */
  async *found(): AsyncGenerator<readonly Found[]> {
    const { prefix } = this.#query;
    const start = prefix.slice(0, prefix.lastIndexOf("/") + 1);
    if ((await wayTo(this.#store, start.slice(0, -1))) === undefined) return;
    let last: string | undefined;
    try {
      for await (const run of this.#keys(start)) {
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
      await Promise.allSettled(this.#ahead.values());
    }
  }

  async *#keys(folder: string): AsyncGenerator<string[]> {
    this.#read(folder);
    const names = (await this.#ahead.get(folder)) ?? [];
    this.#ahead.delete(folder);
    const isFolded = this.#fold(folder) !== undefined;
    let run: string[] = [];
    for (const [place, name] of names.entries()) {
      const key = folder + name;
      const isFolder = name.endsWith("/");
      if (!isFolder && this.#isWanted(key)) run.push(key);
      const enters = isFolder && this.#mayHold(key);
      if (!enters && run.length < longestRun) continue;
      yield run;
      // Of a folder that is folded as a whole, the first key stands for all.
      if (isFolded && run.length > 0) return;
      run = [];
      if (!enters) continue;
      this.#readAhead(folder, names.slice(place, place + (isFolded ? 1 : this.#depth)));
      for await (const inner of this.#keys(key)) {
        yield inner;
        if (isFolded && inner.length > 0) return;
      }
    }
    yield run;
  }

  /** The longer a walk goes on, the more folders are read before it comes to them: a first page reads few in vain. */
  #readAhead(folder: string, names: readonly string[]): void {
    for (const name of names)
      if (name.endsWith("/") && this.#mayHold(folder + name)) this.#read(folder + name);
    this.#depth = Math.min(deepest, this.#depth * 2);
  }

  #read(folder: string): void {
    if (this.#ahead.has(folder)) return;
    this.#signal.throwIfAborted();
    const reading = readNames(this.#store, folder);
    // Its failure is met by the walk, where that comes there.
    reading.catch(() => {});
    this.#ahead.set(folder, reading);
  }

  #mayHold(folder: string): boolean {
    const { prefix, after } = this.#query;
    if (!folder.startsWith(prefix) && !prefix.startsWith(folder)) return false;
    if (after?.startsWith(folder) && !this.#isFolded(after)) return true;
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
