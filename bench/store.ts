import type { Readable } from "node:stream";
import type { S3Service } from "../scripts/s3-service.ts";

/** What a body is stored with in the rows with metadata. */
export type Metadata = Readonly<Record<"author", string>>;

/** One library, opened on one place: the same few calls for all of them. A call that it has not is absent, and so is its row. */
export interface Store {
  put(key: string, bytes: Uint8Array): Promise<unknown>;
  get(key: string): Promise<Uint8Array>;
  /** Size, date and so on, without the bytes. */
  readonly head?: (key: string) => Promise<unknown>;
  /** A link to read by, signed without a look whether there is something to read. */
  readonly url?: (key: string) => Promise<string>;
  /** All of them, with size and date: as many items as were found. */
  readonly entries?: () => Promise<readonly unknown[]>;
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
  /** `size` is for those that have to be told, or else would not send in parts of the size that is asked for. */
  put(key: string, source: Readable, size: number): Promise<unknown>;
  readonly get?: (key: string) => Promise<AsyncIterable<Uint8Array>>;
}

/** Each call gives as many items as it found. `first` gives a page in the order of the keys. */
interface ListStore {
  names(): Promise<readonly unknown[]>;
  firstNames(limit: number): Promise<readonly unknown[]>;
  firstEntries(limit: number): Promise<readonly unknown[]>;
}

export type Durability = "none" | "fsync";

export interface Folder {
  readonly folder: string;
  readonly durability: Durability;
}

export interface Bucket extends S3Service {
  readonly bucket: string;
}

/** Where the stores of a row keep things. */
export type Place = Folder | Bucket;

/** Loads its library when called: a process that measures one of them must not hold the others. */
export type OpenStore<Where> = (place: Where) => Promise<Store>;
/** The raw one first. */
export type Stores<Where> = Readonly<Record<string, OpenStore<Where>>>;
