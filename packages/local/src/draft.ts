import type { Attributes } from "@storage/core";
import { writeSidecar } from "./sidecars.ts";
import { etagOf, type FileVersion, versionOf } from "./stamp.ts";
import { type Store, syncFile } from "./store.ts";
import { createTemporary } from "./temporaries.ts";
import { together } from "./together.ts";
import { statFile } from "./tree.ts";

/** How the file of a draft comes to be. */
export interface Making {
  /** Makes it, or gives a descriptor of what is there already. Default: an empty file. */
  readonly open?: ((path: string) => Promise<number | undefined>) | undefined;
  /** Writes what is not there yet, and tells the size. */
  readonly fill: (descriptor: number) => Promise<number>;
  /** Where it is known, and filled in no time: what was seen of its place meanwhile still holds then. */
  readonly size?: number | undefined;
}

/**
 * An object in the making: its file under `.storage/tmp`, and its sidecar where it has one. Nobody sees
 * either of them before the file is renamed into its place.
 */
export interface Draft {
  readonly store: Store;
  readonly key: string;
  readonly attributes: Attributes;
  readonly isDescribed: boolean;
  readonly name: string;
  readonly path: string;
  /** While it is open. On a local disk that is until it was committed, so that it is seen what became of it. */
  descriptor?: number | undefined;
  size?: number;
  /** Whose sidecar goes where the draft comes to nothing. */
  sidecar?: FileVersion | undefined;
}

/** Body, time, sidecar: all that is there before the commit, made to last where that is asked for. */
export async function fillDraft(draft: Draft, making: Making): Promise<FileVersion> {
  const { store, path, name } = draft;
  const { files, stamps, isLasting } = store;
  const descriptor = (await making.open?.(path)) ?? (await createTemporary(store, name));
  draft.descriptor = descriptor;
  const filling = making.fill(descriptor);
  const look = async (): Promise<FileVersion> => versionOf(await files.fstat(descriptor));
  // A sidecar is written beside the body where all is known that it is named after, and no sync would wait for it.
  const known = stamps.kept && !isLasting ? making.size : undefined;
  for (let skipped = 0; ; skipped = skipped * 2 + 1) {
    const { seconds, nanoseconds } = stamps.next(draft.isDescribed, skipped);
    const early = known === undefined ? undefined : describe(draft, { size: known, nanoseconds });
    const [size] = await together(filling, early);
    await files.futimes(descriptor, seconds, seconds);
    const version = await stamps.confirmed({ size, nanoseconds }, look);
    // Another write has the same time and size: another time has to be found.
    if (stamps.kept === false && (await isCurrent(draft, version))) continue;
    const [isFree] = await together(early ?? describe(draft, version), syncFile(store, descriptor));
    if (!isFree) continue;
    draft.size = size;
    return version;
  }
}

/** Where it is still open. */
export async function closeDraft(draft: Draft): Promise<void> {
  const { store, descriptor, size } = draft;
  draft.descriptor = undefined;
  if (descriptor !== undefined) await store.files.close(descriptor, size);
}

/** Whether the object that stands there has the same time and size: its readers would meet our sidecar. */
async function isCurrent({ store, key }: Draft, version: FileVersion): Promise<boolean> {
  const current = statFile(store, key).then((stats) => etagOf(versionOf(stats)));
  return (await current.catch(() => undefined)) === etagOf(version);
}

/** False where there is a sidecar of this time and size already. */
async function describe(draft: Draft, version: FileVersion): Promise<boolean> {
  const { store, key, attributes, name } = draft;
  if (!draft.isDescribed) return true;
  const isNew = await writeSidecar(store, version, { key, writer: name, ...attributes });
  if (isNew) draft.sidecar = version;
  return isNew;
}
