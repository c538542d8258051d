import { compareKeys } from "@storage/core";
import { readNames, wayTo } from "./folder-names.ts";
import { reservedName, type Store } from "./store.ts";

/** What a listing asks for; `after` is exclusive, a key or a folded prefix. */
export interface WalkQuery {
  readonly prefix: string;
  readonly after?: string | undefined;
  readonly delimiter?: string | undefined;
  readonly signal: AbortSignal;
  /** Of keys and prefixes together. */
  readonly limit: number;
}

const beyondPlain = /[\ud800-\uffff]/;

/** Folders that are read at once. */
const widest = 16;

/**
 * Keys in ascending order of their UTF-8 bytes, folder by folder as they are asked for. A folder that
 * can hold nothing of the query is never opened.
 */
export class Walk {
  readonly keys: string[] = [];
  /** Into which keys were folded. */
  readonly prefixes: string[] = [];
  /** The last of both. */
  cursor: string | undefined;
  /** Whether the limit ended the walk. */
  more = false;
  readonly #store: Store;
  readonly #query: WalkQuery;
  /** Folders that are read before the walk comes to them. */
  readonly #ahead = new Map<string, Promise<string[]>>();
  /** Folders that the walk came to. */
  #begun = 0;

  constructor(store: Store, query: WalkQuery) {
    this.#store = store;
    this.#query = query;
  }

  async run(): Promise<void> {
    const { prefix } = this.#query;
    const start = prefix.slice(0, prefix.lastIndexOf("/") + 1);
    try {
      if (await wayTo(this.#store, start.slice(0, -1))) await this.#visit(start);
    } finally {
      await Promise.allSettled(this.#ahead.values());
    }
  }

  async #visit(folder: string): Promise<void> {
    const names = await this.#names(folder);
    const folded = this.#fold(folder);
    for (const [place, name] of names.entries()) {
      // Of a folder that is folded as a whole, the first key stands for all.
      if (this.more || (folded !== undefined && folded === this.cursor)) return;
      const key = folder + name;
      if (!name.endsWith("/")) this.#take(key);
      else if (this.#mayHold(key)) {
        if (folded === undefined) this.#readAhead(folder, names, place);
        await this.#visit(key);
      }
    }
  }

  #take(key: string): void {
    if (!key.startsWith(this.#query.prefix) || this.#isPast(key)) return;
    const folded = this.#fold(key);
    if (folded !== undefined && folded === this.cursor) return;
    this.more = this.keys.length + this.prefixes.length === this.#query.limit;
    if (this.more) return;
    this.cursor = folded ?? key;
    (folded === undefined ? this.keys : this.prefixes).push(this.cursor);
  }

  /** The order of UTF-16, which is fast, is that of UTF-8 up to U+D7FF. */
  async #names(folder: string): Promise<string[]> {
    const names = await this.#read(folder);
    this.#ahead.delete(folder);
    return names.sort(names.some((name) => beyondPlain.test(name)) ? compareKeys : undefined);
  }

  /** More and more, but no more than fill the page if they hold as much as those before. */
  #readAhead(folder: string, names: readonly string[], place: number): void {
    this.#begun++;
    const { length } = this.keys;
    const wanted = ((this.#query.limit + 1 - length) * this.#begun) / length;
    // Its failure is met where the walk comes there.
    const width = Math.min(widest, 2 ** this.#begun, wanted);
    for (const name of names.slice(place, place + width))
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
