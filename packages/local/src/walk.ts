import { compareKeys } from "@storage/core";
import { readNames, wayTo } from "./folder-names.ts";
import { reservedName, type Store } from "./store.ts";

/** What a listing asks for; `after` is exclusive, a key or a folded prefix. */
export interface WalkQuery {
  readonly prefix: string;
  readonly after?: string | undefined;
  readonly delimiter?: string | undefined;
  readonly signal: AbortSignal;
  /** The walk ends when it has found more. */
  readonly limit: number;
}

/** A key, or a prefix into which keys were folded. */
export interface Found {
  readonly key: string;
  readonly isFolded: boolean;
}

/** Folders that are read at once: a first page reads few in vain. */
const width = 8;

/**
 * Keys in ascending order of their UTF-8 bytes, folder by folder as they are asked for. A folder that
 * can hold nothing of the query is never opened.
 */
export class Walk {
  readonly #store: Store;
  readonly #query: WalkQuery;
  readonly #found: Found[] = [];
  /** Folders that are read before the walk comes to them. */
  readonly #ahead = new Map<string, Promise<string[]>>();
  #folded: string | undefined;

  constructor(store: Store, query: WalkQuery) {
    this.#store = store;
    this.#query = query;
  }

  async found(): Promise<Found[]> {
    const { prefix } = this.#query;
    const start = prefix.slice(0, prefix.lastIndexOf("/") + 1);
    try {
      if (await wayTo(this.#store, start.slice(0, -1))) await this.#visit(start);
      return this.#found;
    } finally {
      await Promise.allSettled(this.#ahead.values());
    }
  }

  async #visit(folder: string): Promise<void> {
    const names = await this.#read(folder);
    this.#ahead.delete(folder);
    const folded = this.#fold(folder);
    for (const [place, name] of names.entries()) {
      // Of a folder that is folded as a whole, the first key stands for all.
      const isKnown = folded !== undefined && folded === this.#folded;
      if (isKnown || this.#found.length > this.#query.limit) return;
      const key = folder + name;
      if (!name.endsWith("/")) this.#take(key);
      else if (this.#mayHold(key)) {
        this.#readAhead(folder, names.slice(place, place + (folded === undefined ? width : 1)));
        await this.#visit(key);
      }
    }
  }

  #take(key: string): void {
    if (!key.startsWith(this.#query.prefix) || this.#isPast(key)) return;
    const folded = this.#fold(key);
    if (folded === undefined || folded !== this.#folded)
      this.#found.push({ key: folded ?? key, isFolded: folded !== undefined });
    this.#folded = folded;
  }

  #readAhead(folder: string, names: readonly string[]): void {
    // Its failure is met where the walk comes there.
    for (const name of names)
      if (name.endsWith("/") && this.#mayHold(folder + name)) this.#read(folder + name).catch(() => {});
  }

  #read(folder: string): Promise<string[]> {
    this.#query.signal.throwIfAborted();
    const reading = this.#ahead.get(folder) ?? readNames(this.#store, folder);
    this.#ahead.set(folder, reading);
    return reading;
  }

  #mayHold(folder: string): boolean {
    const { prefix, after } = this.#query;
    const isApart = !folder.startsWith(prefix) && !prefix.startsWith(folder);
    if (isApart || folder === `${reservedName}/`) return false;
    return (after?.startsWith(folder) && this.#fold(after) !== after) || !this.#isPast(folder);
  }

  #isPast(key: string): boolean {
    const { after } = this.#query;
    if (after === undefined) return false;
    return compareKeys(key, after) <= 0 || (this.#fold(after) === after && key.startsWith(after));
  }

  /** The prefix into which a key is folded. */
  #fold(key: string): string | undefined {
    const { prefix, delimiter } = this.#query;
    if (delimiter === undefined || !key.startsWith(prefix)) return undefined;
    const at = key.indexOf(delimiter, prefix.length);
    return at === -1 ? undefined : key.slice(0, at + delimiter.length);
  }
}
