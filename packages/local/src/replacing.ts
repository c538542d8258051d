import type { FileStats } from "./file-system.ts";
import { etagOf, type FileVersion, mayBeDescribed, versionOf } from "./stamp.ts";
import type { Store } from "./store.ts";

/** A file that the change may do away with: it stands here before. */
export interface Doomed {
  readonly path: string;
  /** What is known of it, from a look. */
  readonly version: FileVersion | undefined;
}

/**
 * Runs a change that does away with files of a key, and removes the sidecars of those that are gone. That is
 * seen from the files, held open, and not from a look before: another process may have moved one away
 * meanwhile, and then needs its sidecar, or moved it back. `kept` is the version that is there afterwards.
 */
export async function replacing<T>(
  store: Store,
  key: string,
  doomed: readonly Doomed[],
  kept: FileVersion | undefined,
  change: () => Promise<T>,
): Promise<T> {
  const { files } = store;
  const described = doomed.filter(({ version }) => version && mayBeDescribed(version.nanoseconds));
  if (described.length === 0) return await change();
  const holding = await Promise.allSettled(described.map(({ path }) => files.hold(path)));
  const held = holding.flatMap((hold) => (hold.status === "fulfilled" ? (hold.value ?? []) : []));
  try {
    for (const hold of holding) if (hold.status === "rejected") throw hold.reason;
    const done = await change();
    await Promise.all(held.map(async (file) => forgetGone(store, key, await files.fstat(file), kept)));
    return done;
  } finally {
    await Promise.all(held.map((file) => files.close(file)));
  }
}

/** What fails here is for the next sweep. */
async function forgetGone(
  store: Store,
  key: string,
  stats: FileStats,
  kept: FileVersion | undefined,
): Promise<void> {
  const version = versionOf(stats);
  const isKept = kept !== undefined && etagOf(kept) === etagOf(version);
  if (stats.nlink === 0n && !isKept) await store.sidecars.remove(key, version).catch(() => {});
}
