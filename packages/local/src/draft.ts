import type { Attributes } from "@storage/core";
import { withFile } from "./files.ts";
import { isPlain, removeSidecar, writeSidecar } from "./sidecars.ts";
import { etagOf, type FileVersion, versionOf } from "./stamp.ts";
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
  /** Whether it is filled in no time: what was seen of its place meanwhile still holds then. */
  readonly isQuick: boolean;
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
  readonly #attributes: Attributes;
  #sidecar: FileVersion | undefined;

  constructor(store: Store, key: string, attributes: Attributes, name: string) {
    this.store = store;
    this.key = key;
    this.#attributes = attributes;
    this.name = name;
    this.path = temporaryPath(store, name);
  }

  /** Body, time, sidecar: all that is there before the commit, made to last where that is asked for. */
  async fill({ open, fill }: Making): Promise<FileVersion> {
    const opening = async (): Promise<number> =>
      (await open?.(this.path)) ?? (await createTemporary(this.store, this.name));
    return await withFile(this.store.files, opening(), async (descriptor) => {
      const size = await fill(descriptor);
      let version: FileVersion | undefined;
      for (let skipped = 0; version === undefined; skipped = skipped * 2 + 1)
        version = await this.#stamped(descriptor, size, skipped);
      return version;
    });
  }

  /** Undefined where another write has the same time and size, so that another time has to be found. */
  async #stamped(descriptor: number, size: number, skipped: number): Promise<FileVersion | undefined> {
    const { files, stamps, isLasting } = this.store;
    const isDescribed = !isPlain(this.key, this.#attributes);
    const { seconds, nanoseconds } = stamps.next(isDescribed, skipped);
    await files.futimes(descriptor, seconds, seconds);
    const look = async (): Promise<FileVersion> => versionOf(await files.fstat(descriptor));
    const version = await stamps.confirmed({ size, nanoseconds }, look);
    if (stamps.areShort && (await this.#isCurrent(version))) return undefined;
    const [isFree] = await together(
      isDescribed ? this.#describe(version) : Promise.resolve(true),
      isLasting ? files.fsync(descriptor) : Promise.resolve(),
    );
    return isFree ? version : undefined;
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
