import { type Files, ifThere, O_CREAT, O_EXCL, O_WRONLY, unless } from "./files.ts";
import { identityOf, isAlive, isOwnName, uniqueName } from "./identity.ts";

/** Those of every backend here: two may share a folder. */
const live = new Set<string>();

/** The temp files under `.storage/tmp`: each has one writer, and is gone when that writer ends. */
export class Temporaries {
  readonly folder: string;
  readonly #files: Files;
  readonly #mode: number;
  readonly #prepare: () => Promise<void>;

  /** `prepare` makes the folder. */
  constructor(folder: string, files: Files, mode: number, prepare: () => Promise<void>) {
    this.folder = folder;
    this.#files = files;
    this.#mode = mode;
    this.#prepare = prepare;
  }

  pathOf(name: string): string {
    return `${this.folder}/${name}`;
  }

  /** A name of our own that is not a file yet. */
  async reserve(): Promise<string> {
    const name = await uniqueName();
    live.add(name);
    return name;
  }

  /** The new file, in a folder that is made again where somebody removed it. */
  async create(name: string): Promise<number> {
    const open = (): Promise<number> =>
      this.#files.open(this.pathOf(name), O_WRONLY | O_CREAT | O_EXCL, this.#mode);
    return (await ifThere(open())) ?? (await this.#prepare().then(open));
  }

  /** A folder of this name, for an object that is on its way out; gives the object's path in it. */
  async createFolder(name: string): Promise<string> {
    const make = (): Promise<boolean> => this.#files.mkdir(this.pathOf(name), 0o700);
    if ((await ifThere(make())) === undefined) await this.#prepare().then(make);
    return this.#pathInside(name);
  }

  /** The file was renamed away: there is nothing to remove. */
  release(name: string): void {
    live.delete(name);
  }

  async remove(name: string): Promise<void> {
    try {
      await this.clear(name);
    } finally {
      live.delete(name);
    }
  }

  /** Whether there was a file, or a folder, to remove. */
  async clear(name: string): Promise<boolean> {
    const path = this.pathOf(name);
    const wasFile = await unless(["EISDIR", "EPERM"], this.#files.remove(path));
    if (wasFile !== undefined) return wasFile;
    await this.#files.remove(this.#pathInside(name));
    await ifThere(this.#files.rmdir(path));
    return true;
  }

  /**
   * Removes what dead writers left, never a live writer's. Where nobody here can know which it is, what
   * was not written to for `olderThan` milliseconds is left over.
   */
  async sweep(olderThan: number): Promise<number> {
    let removed = 0;
    for (const name of await this.#files.names(this.folder)) {
      if (await this.isLive(name, olderThan)) continue;
      if (await this.clear(name)) removed++;
    }
    return removed;
  }

  async hasLive(olderThan: number): Promise<boolean> {
    for (const name of await this.#files.names(this.folder))
      if (await this.isLive(name, olderThan)) return true;
    return false;
  }

  /** Whether somebody still writes this file, as far as anybody can know here. */
  async isLive(name: string, olderThan: number): Promise<boolean> {
    if (live.has(name)) return true;
    const stats = await this.#files.look(this.pathOf(name));
    if (stats === undefined) return false;
    if (await isOwnName(name)) return false;
    return (await isAlive(identityOf(name))) ?? Date.now() - Number(stats.mtimeMs) < olderThan;
  }

  #pathInside(name: string): string {
    return `${this.pathOf(name)}/removed`;
  }
}
