import type { Attributes } from "@storage/core";
import { isPlain } from "./sidecars.ts";
import { etagOf, type FileVersion, versionOf } from "./stamp.ts";
import type { Store } from "./store.ts";
import { together } from "./together.ts";

/** Fills the new file that it is given, and tells its size. */
export type Fill = (descriptor: number) => Promise<number>;

/**
 * An object in the making: its file under `.storage/tmp`, and its sidecar where it has one. Nobody sees
 * either of them before the file is renamed into its place.
 */
export class Draft {
  readonly name: string;
  readonly path: string;
  readonly #store: Store;
  readonly #key: string;
  readonly #attributes: Attributes;
  #sidecar: FileVersion | undefined;

  private constructor(store: Store, key: string, attributes: Attributes, name: string) {
    this.#store = store;
    this.#key = key;
    this.#attributes = attributes;
    this.name = name;
    this.path = store.temporaries.pathOf(name);
  }

  static async begin(store: Store, key: string, attributes: Attributes): Promise<Draft> {
    return new Draft(store, key, attributes, await store.temporaries.reserve());
  }

  /** Body, time, sidecar: all that is there before the commit, made to last where that is asked for. */
  async fill(open: () => Promise<number>, fill: Fill): Promise<FileVersion> {
    const descriptor = await open();
    try {
      const size = await fill(descriptor);
      let version: FileVersion | undefined;
      for (let skipped = 0; version === undefined; skipped = skipped * 2 + 1)
        version = await this.#stamped(descriptor, size, skipped);
      return version;
    } finally {
      await this.#store.files.close(descriptor);
    }
  }

  /** Undefined where another write has the same time and size, so that another time has to be found. */
  async #stamped(descriptor: number, size: number, skipped: number): Promise<FileVersion | undefined> {
    const { files, stamps, isLasting } = this.#store;
    const isDescribed = !isPlain(this.#key, this.#attributes);
    const { seconds, nanoseconds } = stamps.next(isDescribed ? "described" : "plain", skipped);
    await files.futimes(descriptor, seconds);
    const look = async (): Promise<FileVersion> => versionOf(await files.fstat(descriptor));
    const version = await stamps.confirmed({ size, nanoseconds }, look);
    if (stamps.areShort && (await this.#isCurrent(version))) return undefined;
    const [isFree] = await together(
      isDescribed ? this.#describe(version) : Promise.resolve(true),
      isLasting ? files.fsync(descriptor) : Promise.resolve(),
    );
    return isFree ? version : undefined;
  }

  /** The new file. */
  create(): Promise<number> {
    return this.#store.temporaries.create(this.name);
  }

  /** It stands in its place now, and its sidecar with it. */
  release(): void {
    this.#store.temporaries.release(this.name);
    this.#sidecar = undefined;
  }

  /** What cannot be removed is for the next sweep. */
  async discard(): Promise<void> {
    const { temporaries, sidecars } = this.#store;
    if (this.#sidecar !== undefined) await sidecars.remove(this.#key, this.#sidecar).catch(() => {});
    await temporaries.remove(this.name).catch(() => {});
  }

  /** Whether the object that stands there has the same time and size: its readers would meet our sidecar. */
  async #isCurrent(version: FileVersion): Promise<boolean> {
    const stats = await this.#store.tree.stat(this.#key).catch(() => undefined);
    return stats !== undefined && etagOf(versionOf(stats)) === etagOf(version);
  }

  /** False where there is a sidecar of this time and size already. */
  async #describe(version: FileVersion): Promise<boolean> {
    const { sidecars, files, isLasting } = this.#store;
    const sync = async (descriptor: number, folder: string): Promise<void> => {
      if (!isLasting) return;
      await files.fsync(descriptor);
      await this.#store.sync(folder);
    };
    const isNew = await sidecars.write(this.#key, version, this.#attributes, this.name, sync);
    if (isNew) this.#sidecar = version;
    return isNew;
  }
}
