import type { Attributes } from "@storage/core";
import { isPlain, removeSidecar, writeSidecar } from "./sidecars.ts";
import { etagOf, type FileVersion, type Stamp, versionOf } from "./stamp.ts";
import type { Store } from "./store.ts";
import { createTemporary, release, temporaryPath } from "./temporaries.ts";
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
export class Draft {
  readonly name: string;
  readonly path: string;
  readonly store: Store;
  readonly key: string;
  readonly isDescribed: boolean;
  /** While it is open. On a local disk that is until it was committed, so that it is seen what became of it. */
  descriptor: number | undefined;
  readonly #attributes: Attributes;
  #sidecar: FileVersion | undefined;
  #size = 0;

  constructor(store: Store, key: string, attributes: Attributes, name: string) {
    this.store = store;
    this.key = key;
    this.#attributes = attributes;
    this.name = name;
    this.path = temporaryPath(store, name);
    this.isDescribed = !isPlain(key, attributes);
  }

  /** Body, time, sidecar: all that is there before the commit, made to last where that is asked for. */
  async fill({ open, fill, size }: Making): Promise<FileVersion> {
    const { store, isDescribed } = this;
    const { files, stamps, isLasting } = store;
    this.descriptor = (await open?.(this.path)) ?? (await createTemporary(store, this.name));
    const filling = fill(this.descriptor);
    // A sidecar is written beside the body where all is known that it is named after, and no sync would wait for it.
    const known = isDescribed && stamps.kept && !isLasting ? size : undefined;
    let version: FileVersion | undefined;
    for (let skipped = 0; version === undefined; skipped = skipped * 2 + 1) {
      const stamp = stamps.next(isDescribed, skipped);
      if (known === undefined) version = await this.#stamped(this.descriptor, stamp, await filling);
      else {
        const promised = { size: known, nanoseconds: stamp.nanoseconds };
        const [isFree] = await together(this.#describe(promised), filling);
        await files.futimes(this.descriptor, stamp.seconds, stamp.seconds);
        if (isFree) version = promised;
      }
    }
    this.#size = version.size;
    // Elsewhere it is the close that tells whether all of it was written.
    if (!files.isLocal) await this.close();
    return version;
  }

  /** Undefined where another write has the same time and size, so that another time has to be found. */
  async #stamped(descriptor: number, stamp: Stamp, size: number): Promise<FileVersion | undefined> {
    const { files, stamps, isLasting } = this.store;
    const { seconds, nanoseconds } = stamp;
    await files.futimes(descriptor, seconds, seconds);
    const look = async (): Promise<FileVersion> => versionOf(await files.fstat(descriptor));
    const version = await stamps.confirmed({ size, nanoseconds }, look);
    if (stamps.kept === false && (await this.#isCurrent(version))) return undefined;
    if (!isLasting && !this.isDescribed) return version;
    const [isFree] = await together(
      this.isDescribed ? this.#describe(version) : Promise.resolve(true),
      isLasting ? files.fsync(descriptor) : Promise.resolve(),
    );
    return isFree ? version : undefined;
  }

  /** Once. */
  async close(): Promise<void> {
    const { descriptor } = this;
    this.descriptor = undefined;
    if (descriptor !== undefined) await this.store.files.close(descriptor, this.#size);
  }

  /** It stands in its place now, and its sidecar with it. */
  release(): void {
    release(this.name);
    this.#sidecar = undefined;
  }

  async discard(): Promise<void> {
    if (this.#sidecar !== undefined) await removeSidecar(this.store, this.key, this.#sidecar);
  }

  /** Whether the object that stands there has the same time and size: its readers would meet our sidecar. */
  async #isCurrent(version: FileVersion): Promise<boolean> {
    const current = statFile(this.store, this.key).then((stats) => etagOf(versionOf(stats)));
    return (await current.catch(() => undefined)) === etagOf(version);
  }

  /** False where there is a sidecar of this time and size already. */
  async #describe(version: FileVersion): Promise<boolean> {
    const isNew = await writeSidecar(this.store, version, {
      key: this.key,
      writer: this.name,
      ...this.#attributes,
    });
    if (isNew) this.#sidecar = version;
    return isNew;
  }
}
