import type { StorageBackend } from "./storage-backend.ts";

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
  let keys: string[] = [];
  let isLeft = true;
  const end = async (): Promise<void> => {
    if (keys.length === 0 || !isLeft) return;
    const { failed } = await parts.deleteMany(keys, { signal });
    if (failed[0]) throw failed[0].error;
    removed++;
  };
  for await (const { key, lastModified } of parts.list({ signal })) {
    if (uploadOf(key) !== uploadOf(keys[0] ?? key)) {
      await end();
      keys = [];
      isLeft = true;
    }
    keys.push(key);
    isLeft &&= lastModified.getTime() <= before;
  }
  await end();
  return removed;
}

const uploadOf = (key: string): string => key.slice(0, key.indexOf("/"));
