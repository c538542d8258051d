import type { Attributes } from "@storage/core";
import { isPlain } from "./sidecars.ts";
import { type FileVersion, versionOf } from "./stamp.ts";
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
    const { files, stamps, isLasting } = this.#store;
    const descriptor = await open();
    try {
      const size = await fill(descriptor);
      const isDescribed = !isPlain(this.#key, this.#attributes);
      for (let skipped = 0; ; skipped = skipped * 2 + 1) {
        const stamp = stamps.next(isDescribed ? "described" : "plain", skipped);
        await files.futimes(descriptor, stamp.seconds);
        const promised = { size, nanoseconds: stamp.nanoseconds };
        const version = await stamps.confirmed(promised, async () =>
          versionOf(await files.fstat(descriptor)),
        );
        const [isFree] = await together(
          isDescribed ? this.#describe(version) : Promise.resolve(true),
          isLasting ? files.fsync(descriptor) : Promise.resolve(),
        );
        if (isFree) return version;
      }
    } finally {
      await files.close(descriptor);
    }
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

  /** False where another write has the same time and size: another time has to be found. */
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
