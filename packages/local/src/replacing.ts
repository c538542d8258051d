import { ifThere, toNameFile, toReadNoLink } from "./files.ts";
import { removeSidecar } from "./sidecars.ts";
import { etagOf, type FileVersion, mayBeDescribed, versionOf } from "./stamp.ts";
import type { Store } from "./store.ts";
import { together } from "./together.ts";

/** A file that the change may do away with: where it stands before, and what a look told of it. */
export type Doomed = readonly [path: string, version: FileVersion | undefined];

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
  const held: (readonly [descriptor: number, size: number])[] = [];
  const hold = async ([path, version]: Doomed): Promise<void> => {
    if (version === undefined || !mayBeDescribed(version)) return;
    const descriptor = await ifThere(files.open(path, store.byDescriptor ? toNameFile : toReadNoLink));
    if (descriptor !== undefined) held.push([descriptor, version.size]);
  };
  const forgetGone = async ([descriptor]: readonly [descriptor: number, size: number]): Promise<void> => {
    const stats = await files.fstat(descriptor);
    const version = versionOf(stats);
    if (stats.nlink === 0n && etagOf(version) !== kept) await removeSidecar(store, key, version);
  };
  try {
    await together(...doomed.map(hold));
    const done = await change();
    await Promise.all(held.map(forgetGone));
    return done;
  } finally {
    await Promise.all(held.map((file) => files.close(...file)));
  }
}
