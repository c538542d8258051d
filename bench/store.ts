import type { Readable } from "node:stream";

/** What a body is stored with in the rows with metadata. */
export type Metadata = Readonly<Record<"author", string>>;

/** One library, opened on one place: the same few calls for all of them. A call that it has not is absent, and so is its row. */
export interface Store {
  put(key: string, bytes: Uint8Array): Promise<unknown>;
  get(key: string): Promise<Uint8Array>;
  readonly described?: DescribedStore;
  readonly streams?: StreamStore;
  readonly lists?: ListStore;
}

/** Bytes with metadata beside them. */
interface DescribedStore {
  put(key: string, bytes: Uint8Array, metadata: Metadata): Promise<unknown>;
  get(key: string): Promise<{ readonly bytes: Uint8Array; readonly author: string | undefined }>;
}

interface StreamStore {
  put(key: string, source: Readable): Promise<unknown>;
  readonly get?: (key: string) => Promise<AsyncIterable<Uint8Array>>;
}

/** Each call gives as many items as it found. `first` gives a page in the order of the keys. */
interface ListStore {
  names(): Promise<readonly unknown[]>;
  /** With size and date. */
  entries(): Promise<readonly unknown[]>;
  firstNames(limit: number): Promise<readonly unknown[]>;
  firstEntries(limit: number): Promise<readonly unknown[]>;
}

export type Durability = "none" | "fsync";

export interface Place {
  readonly folder: string;
  readonly durability: Durability;
}

/** Loads its library when called: a process that measures one of them must not hold the others. */
export type OpenStore = (place: Place) => Promise<Store>;
export type Stores = Readonly<Record<string, OpenStore>>;
