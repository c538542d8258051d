import { removeSidecar } from "./sidecars.ts";
import { etagOf, type FileVersion, mayBeDescribed, versionOf } from "./stamp.ts";
import type { Store } from "./store.ts";
import { together } from "./together.ts";
import { hold, type OpenFile } from "./tree.ts";

/** A file that the change may do away with: where it stands before, what a look told of it, and by what it is held already. */
export interface Doomed {
  readonly path: string;
  readonly version: FileVersion | undefined;
  readonly descriptor: number | undefined;
}

/**
 * Runs a change that does away with files of a key, and removes the sidecars of those that are gone. That is
 * seen from the files, held open, and not from a look before: another process may have moved one away
 * meanwhile, and then needs its sidecar, or moved it back. `kept` is the etag of what is there afterwards.
 */
export async function replacing<T>(
  store: Store,
  key: string,
  doomed: readonly Doomed[],
  kept: string | undefined,
  change: () => Promise<T>,
): Promise<T> {
  const { files } = store;
  const opened: OpenFile[] = [];
  const holdOne = async ({ path, version, descriptor }: Doomed): Promise<number | undefined> => {
    if (version === undefined || !mayBeDescribed(version)) return undefined;
    if (descriptor !== undefined) return descriptor;
    const file = await hold(store, path);
    if (file !== undefined) opened.push(file);
    return file?.descriptor;
  };
  try {
    const held = await together(...doomed.map(holdOne));
    const done = await change();
    // In this order: the longer our own file is in its place, the likelier it is seen when it was replaced at once.
    for (const descriptor of held) {
      if (descriptor === undefined) continue;
      const stats = await files.fstat(descriptor);
      const version = versionOf(stats);
      if (stats.nlink === 0n && etagOf(version) !== kept) await removeSidecar(store, key, version);
    }
    return done;
  } finally {
    await Promise.all(opened.map((file) => file.close()));
  }
}
