import type { ListEntry, StorageBackend } from "./storage-backend.ts";

/** Milliseconds, and what ends it. */
interface SweepTerms {
  readonly olderThan: number;
  readonly signal: AbortSignal;
}

/**
 * Removes the uploads in a store of parts (`Signer.parts`) to which nothing came for `olderThan`
 * milliseconds, whether they were ended or not; tells how many things that were, each upload one.
 */
export async function sweepParts(parts: StorageBackend, { olderThan, signal }: SweepTerms): Promise<number> {
  const before = Date.now() - olderThan;
  let { removed } = await parts.sweep({ olderThan, signal });
  for await (const upload of uploadsIn(parts, signal)) {
    if (upload.some(({ lastModified }) => lastModified.getTime() > before)) continue;
    const keys = upload.map(({ key }) => key);
    const { failed } = await parts.deleteMany(keys, { signal });
    if (failed[0]) throw failed[0].error;
    removed++;
  }
  return removed;
}

/** What is there of each upload: listings have it side by side. */
async function* uploadsIn(parts: StorageBackend, signal: AbortSignal): AsyncGenerator<ListEntry[]> {
  let upload: ListEntry[] = [];
  for await (const entry of parts.list({ signal })) {
    if (upload[0] && folderOf(upload[0]) !== folderOf(entry)) {
      yield upload;
      upload = [];
    }
    upload.push(entry);
  }
  if (upload[0]) yield upload;
}

const folderOf = ({ key }: ListEntry): string => key.slice(0, key.indexOf("/"));
