import type { Attributes } from "@storage/core";
import { errorCode } from "./file-system.ts";
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
  #version: FileVersion | undefined;
  #described = false;

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
      this.#described = !isPlain(this.#key, this.#attributes);
      const stamp = stamps.next(this.#described ? "described" : "plain");
      await files.futimes(descriptor, stamp.seconds);
      const promised = { size, nanoseconds: stamp.nanoseconds };
      const version = await stamps.confirmed(promised, async () => versionOf(await files.fstat(descriptor)));
      this.#version = version;
      await together(
        isLasting ? files.fsync(descriptor) : Promise.resolve(),
        this.#described ? this.#describe(version) : Promise.resolve(),
      );
      return version;
    } finally {
      await files.close(descriptor);
    }
  }

  /** The new file; our own folders are made again when somebody removed them. */
  async create(): Promise<number> {
    const { temporaries } = this.#store;
    try {
      return await temporaries.create(this.name);
    } catch (error) {
      if (errorCode(error) !== "ENOENT") throw error;
      await this.#store.prepare();
      return await temporaries.create(this.name);
    }
  }

  /** It stands in its place now, and nothing of it is left over. */
  release(): void {
    this.#store.temporaries.release(this.name);
  }

  async discard(): Promise<void> {
    await this.#store.temporaries.remove(this.name);
    if (this.#version !== undefined && this.#described)
      await this.#store.sidecars.remove(this.#key, this.#version);
  }

  async #describe(version: FileVersion): Promise<void> {
    const { sidecars, files, isLasting } = this.#store;
    await sidecars.write(this.#key, version, this.#attributes, this.name, async (descriptor, folder) => {
      if (!isLasting) return;
      await files.fsync(descriptor);
      await this.#store.sync(folder);
    });
  }
}
