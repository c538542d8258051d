import { type ObjectMetadata, type StorageBackend, StorageError } from "@storage/core";
import { askForEach } from "./at-once.ts";

export interface DetailedPage {
  readonly objects: readonly ObjectMetadata[];
  /** Missing on the last page. */
  readonly cursor?: string | undefined;
}

export interface PageQuery {
  readonly prefix?: string | undefined;
  /** Objects in a page. Default: 1000, what a service gives in one answer. */
  readonly limit?: number | undefined;
  /** That of the page before. */
  readonly cursor?: string | undefined;
}

/**
 * One page with types and metadata. A listing knows names, sizes and dates only, on every backend: the rest
 * takes a request for each object, 16 at a time.
 */
export async function listWithDetails(storage: StorageBackend, query: PageQuery): Promise<DetailedPage> {
  const { entries, cursor } = await storage.listPage(query);
  return { objects: await askForEach(entries, ({ key }) => metadataIfThere(storage, key)), cursor };
}

/** Of an object that somebody deletes while we look there is none. */
export async function metadataIfThere(
  storage: StorageBackend,
  key: string,
): Promise<ObjectMetadata | undefined> {
  try {
    return await storage.getMetadata(key);
  } catch (error) {
    if (StorageError.is(error, "FileNotFound")) return undefined;
    throw error;
  }
}
