import { dirname } from "node:path";
import { ConfigurationError, UnavailableError } from "@storage/core";
import type { FileStats, FileSystem } from "./file-system.ts";
import { errorCode, Files, ifThere, O_DIRECTORY, O_RDONLY, unless } from "./files.ts";
import { reservedName } from "./folders.ts";
import { Locks } from "./locks.ts";
import { Sidecars } from "./sidecars.ts";
import { Stamps } from "./stamp.ts";
import { Temporaries } from "./temporaries.ts";
import { Tree } from "./tree.ts";

/** Milliseconds. */
const day = 24 * 60 * 60 * 1000;

export interface StoreSettings {
  /** Absolute. */
  readonly basePath: string;
  readonly durability: "fsync" | "none";
  readonly mode: number;
  readonly fs?: FileSystem | undefined;
}

/** An opened `basePath`: its parts, and what they share. */
export class Store {
  readonly files: Files;
  readonly tree: Tree;
  readonly temporaries: Temporaries;
  readonly sidecars: Sidecars;
  readonly locks: Locks;
  readonly stamps: Stamps = new Stamps();
  readonly isLasting: boolean;
  readonly #settings: StoreSettings;
  readonly #own: string;
  readonly #folderMode: number;
  #folds: boolean | undefined;

  constructor(root: string, files: Files, byDescriptor: boolean, settings: StoreSettings) {
    const { mode, durability } = settings;
    this.#settings = { ...settings, basePath: root };
    this.files = files;
    this.isLasting = durability === "fsync";
    this.#own = `${root === "/" ? "" : root}/${reservedName}`;
    this.#folderMode = folderModeOf(mode);
    const makeFolder = (path: string): Promise<void> => this.#makeFolder(path);
    this.tree = new Tree(root, files, byDescriptor, makeFolder);
    this.temporaries = new Temporaries(`${this.#own}/tmp`, files, mode, () => this.prepare());
    this.sidecars = new Sidecars(`${this.#own}/meta`, files, mode, async (path) => {
      if (!(await ifThere(makeFolder(path).then(() => true))))
        await this.prepare().then(() => makeFolder(path));
    });
    this.locks = new Locks(
      `${this.#own}/lock`,
      files,
      () => this.prepare(),
      (holder) => this.temporaries.clear(holder).then(() => {}),
    );
  }

  /** Undefined while `basePath` is not there. */
  static async open(settings: StoreSettings): Promise<Store | undefined> {
    const files = new Files(settings.fs);
    const root = await unless(["ENOENT", "ENOTDIR"], files.realpath(settings.basePath));
    if (root === undefined) return undefined;
    const byDescriptor = files.isReal && (await hasDescriptorPaths(files));
    const store = new Store(root, files, byDescriptor, settings);
    for (const path of store.#ownFolders) await store.#checkOwn(path);
    await unless(["EACCES", "EPERM", "EROFS", "ENOTDIR"], store.temporaries.sweep(day));
    return store;
  }

  /** @throws ConfigurationError where something that is no folder stands there. */
  static async make(settings: StoreSettings): Promise<void> {
    const files = new Files(settings.fs);
    const { basePath, mode } = settings;
    const find = (): Promise<FileStats | undefined> => unless(["ENOENT", "ENOTDIR"], files.stat(basePath));
    let found = await find();
    if (found === undefined) {
      await Store.make({ ...settings, basePath: dirname(basePath) });
      await files.mkdir(basePath, folderModeOf(mode));
      if (settings.durability === "fsync") await syncFolder(files, dirname(basePath));
      found = await find();
    }
    if (!found?.isDirectory())
      throw new ConfigurationError("basePath, or a part of it, is no folder, or a link that leads nowhere");
  }

  /** The folders of our own, which a first write needs; all of them may have been removed since. */
  async prepare(): Promise<void> {
    await Store.make(this.#settings);
    for (const path of this.#ownFolders) {
      await this.#makeFolder(path);
      await this.#checkOwn(path);
    }
  }

  /** Behind a link we would sweep, and write, what is not ours. @throws ConfigurationError */
  async #checkOwn(path: string): Promise<void> {
    const stats = await unless(["EACCES"], this.files.look(path));
    if (stats !== undefined && !stats.isDirectory())
      throw new ConfigurationError(`${reservedName} in basePath has to be a folder, and no link`);
  }

  get #ownFolders(): readonly string[] {
    return ["", "/tmp", "/lock", "/meta"].map((name) => this.#own + name);
  }

  /**
   * Whether the disk takes two spellings of a name for one: seen on our own folder, or, before anything was
   * written, on the first part of a key.
   */
  async folds(key: string): Promise<boolean> {
    this.#folds ??=
      (await this.#isFolded(reservedName)) ?? (await this.#isFolded(key.slice(0, key.indexOf("/") >>> 0)));
    return this.#folds ?? false;
  }

  /** Undefined where the name is not there, or has no other spelling. */
  async #isFolded(name: string): Promise<boolean | undefined> {
    const upper = name.toUpperCase();
    const other = upper === name ? name.toLowerCase() : upper;
    if (other === name) return undefined;
    const paths = [name, other].map((one) => this.#own.slice(0, -reservedName.length) + one);
    const [here, there] = await Promise.all(paths.map((path) => this.files.look(path)));
    return here && there?.ino === here.ino;
  }

  /** Makes names in a folder last. */
  async sync(folder: string): Promise<void> {
    if (this.isLasting) await syncFolder(this.files, folder);
  }

  /**
   * Runs the change that everybody sees, and makes it last. The folder is opened before, so that afterwards
   * nothing can fail but the sync itself; then nobody knows whether the change would survive a power cut.
   */
  async changing<T>(folder: string, change: () => Promise<T>): Promise<T> {
    if (!this.isLasting) return await change();
    const descriptor = await this.files.open(folder, O_RDONLY | O_DIRECTORY);
    try {
      const done = await change();
      await this.files.fsyncFolder(descriptor).catch(unproven);
      return done;
    } finally {
      await this.files.close(descriptor);
    }
  }

  async #makeFolder(path: string): Promise<void> {
    if (await this.files.mkdir(path, this.#folderMode)) await this.sync(dirname(path));
  }
}

/** Who may read a file may search its folder. */
function folderModeOf(mode: number): number {
  return mode | ((mode & 0o444) >> 2) | 0o700;
}

/** Linux with its /proc mounted. */
async function hasDescriptorPaths(files: Files): Promise<boolean> {
  if (process.platform !== "linux") return false;
  return (await unless(["ENOENT", "EACCES"], files.stat("/proc/self/fd"))) !== undefined;
}

/** Not to be tried again: the change was made. */
function unproven(cause: unknown): never {
  const reason = `done, but not proven to survive a power cut (${errorCode(cause)})`;
  throw new UnavailableError(reason, { outcome: "unknown", retryable: false });
}

async function syncFolder(files: Files, folder: string): Promise<void> {
  const descriptor = await files.open(folder, O_RDONLY | O_DIRECTORY);
  try {
    await files.fsyncFolder(descriptor);
  } finally {
    await files.close(descriptor);
  }
}
