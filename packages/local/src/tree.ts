import {
  FileNotFoundError,
  InvalidKeyError,
  PermissionDeniedError,
  StorageError,
  UnavailableError,
} from "@storage/core";
import { clear, prune } from "./empty-folders.ts";
import {
  errorCode,
  type FileStats,
  type Files,
  ifThere,
  O_DIRECTORY,
  O_NOFOLLOW,
  O_NONBLOCK,
  O_PATH,
  O_RDONLY,
  unless,
} from "./file-system.ts";

export const reservedName = ".storage";

/** Bytes, of Linux (PATH_MAX, less its end); elsewhere the system itself refuses what is too long. */
const longestPath = 4095;

/** How often a write makes its folder again when deletes prune it meanwhile. */
const patience = 100;

/** A folder that is proven to lie in the tree: a path through it leads nowhere else. */
export interface Folder {
  readonly path: string;
  close(): Promise<void>;
}

/** The name of a key's file in its folder, and what stands there. */
export interface Place {
  readonly path: string;
  readonly folder: Folder;
  /** Undefined where nothing stands there. */
  readonly before: FileStats | undefined;
}

/** A file that is open, and proven to lie in the tree. */
export interface OpenFile {
  readonly descriptor: number;
  readonly stats: FileStats;
}

/**
 * The folders under `basePath`, contained by real path: a symbolic link may lead about in the tree,
 * never out of it. On Linux what was checked is what is used, since a descriptor stays what it is
 * whatever becomes of its path; elsewhere a link that is swapped in meanwhile is noticed afterwards.
 */
export class Tree {
  readonly root: string;
  readonly #files: Files;
  readonly #byDescriptor: boolean;
  readonly #makeFolder: (path: string) => Promise<void>;

  /** `makeFolder` makes one folder, as lasting as the backend's durability asks for. */
  constructor(
    root: string,
    files: Files,
    byDescriptor: boolean,
    makeFolder: (path: string) => Promise<void>,
  ) {
    this.root = root;
    this.#files = files;
    this.#byDescriptor = byDescriptor;
    this.#makeFolder = makeFolder;
  }

  /** A path to what is open, whatever became of its name; undefined where there is none. */
  pathOf(descriptor: number): string | undefined {
    return this.#byDescriptor ? `/proc/self/fd/${descriptor}` : undefined;
  }

  /** @throws ENOENT, ENOTDIR where it is not there. @throws PermissionDeniedError where it leads out. */
  async folder(segments: readonly string[]): Promise<Folder> {
    const path = [this.root, ...segments].join("/");
    if (segments.length === 0) return { path: this.root, close: async () => {} };
    try {
      return await (this.#byDescriptor ? this.#folderByDescriptor(path) : this.#folderByPath(path));
    } catch (error) {
      // What lies outside is nobody's business: neither whether it is there, nor what it is.
      if (!StorageError.is(error)) await (await this.folder(segments.slice(0, -1))).close();
      throw error;
    }
  }

  /** As `folder`, making what is missing. */
  async madeFolder(segments: readonly string[]): Promise<Folder> {
    const found = await ifThere(this.folder(segments));
    if (found !== undefined) return found;
    const parent = await this.madeFolder(segments.slice(0, -1));
    try {
      const path = `${parent.path}/${segments.at(-1)}`;
      if ((await this.#files.look(path))?.isSymbolicLink()) throw leadsOut();
      await this.#makeFolder(path);
    } finally {
      await parent.close();
    }
    return await this.folder(segments);
  }

  /** Where a key's file is or will be; the caller closes its folder. */
  async place(key: string): Promise<Place> {
    return await this.#placeIn(await this.folder(folderOf(key)), key);
  }

  /** As `place`, in a folder that is made where it is missing; and again when it is pruned under `work`. */
  async making<T>(key: string, found: Place | undefined, work: (place: Place) => Promise<T>): Promise<T> {
    let place = found;
    for (let left = patience; left > 0; left--) {
      place ??= await ifThere(this.#madePlace(key));
      try {
        if (place !== undefined) return await work(place);
      } catch (error) {
        if (place?.before === undefined) await this.prune(key);
        if (errorCode(error) !== "ENOENT") throw error;
      } finally {
        await place?.folder.close();
      }
      place = undefined;
    }
    throw new UnavailableError("the folder of this key is removed again and again");
  }

  /** Opens a file to read. What is no file is no object: FileNotFoundError. */
  async open(key: string): Promise<OpenFile> {
    const path = `${this.root}/${key}`;
    const { descriptor, isTrusted } = await this.#opened(key, path);
    return await this.#freeOnFailure({ path, close: () => this.#files.close(descriptor) }, async () => {
      const [stats] = await Promise.all([
        this.#files.fstat(descriptor),
        isTrusted ? undefined : this.#checkOpen(descriptor, path),
      ]);
      if (!stats.isFile()) throw new FileNotFoundError("what lies under this name is no file");
      return { descriptor, stats };
    });
  }

  /** A failure tells nothing of what lies outside: whether a name is there, or may be read. */
  async #opened(key: string, path: string): Promise<{ descriptor: number; isTrusted: boolean }> {
    try {
      if (!this.#byDescriptor) this.#checkInside(await this.#files.realpath(path));
      const direct = await unless(["ELOOP"], this.#files.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
      if (direct !== undefined) return { descriptor: direct, isTrusted: !key.includes("/") };
      return { descriptor: await this.#files.open(path, O_RDONLY | O_NONBLOCK), isTrusted: false };
    } catch (error) {
      await (await this.place(key)).folder.close();
      throw error;
    }
  }

  /** The facts of a key's file without opening it to read. */
  async stat(key: string): Promise<FileStats> {
    const place = await this.place(key);
    await place.folder.close();
    if (place.before === undefined) throw new FileNotFoundError("there is no object under this key");
    if (place.before.isFile()) return place.before;
    if (!place.before.isSymbolicLink()) throw new FileNotFoundError("what lies under this name is no file");
    const { descriptor, stats } = await this.open(key);
    await this.#files.close(descriptor);
    return stats;
  }

  /** Removes folders that hold nothing any more, from a key's upwards. */
  async prune(key: string): Promise<void> {
    await prune(this, this.#files, folderOf(key));
  }

  /** Removes what stands under a key where it is a folder, of nothing but empty ones. @throws ENOTEMPTY for any other. */
  async clear(key: string): Promise<void> {
    await clear(this, this.#files, key.split("/"));
  }

  /** Whether a link leads to something in the tree; false where it leads out or nowhere. */
  async leadsInside(path: string): Promise<boolean> {
    const real = await unless(["ENOENT", "ELOOP", "ENOTDIR", "EACCES"], this.#files.realpath(path));
    return real !== undefined && this.isInside(real);
  }

  isInside(realPath: string): boolean {
    const rootWithSlash = this.root === "/" ? "/" : `${this.root}/`;
    if (realPath !== this.root && !realPath.startsWith(rootWithSlash)) return false;
    const [first] = realPath.slice(rootWithSlash.length).split("/");
    return first !== reservedName;
  }

  async #madePlace(key: string): Promise<Place> {
    return await this.#placeIn(await this.madeFolder(folderOf(key)), key);
  }

  async #placeIn(folder: Folder, key: string): Promise<Place> {
    const path = `${folder.path}/${key.slice(key.lastIndexOf("/") + 1)}`;
    return await this.#freeOnFailure(folder, async () => {
      // By way of a descriptor a file could be stored that no program can open by its path.
      if (Buffer.byteLength(`${this.root}/${key}`) > longestPath)
        throw new InvalidKeyError("the file system takes no path of this length");
      const before = await this.#files.look(path);
      if (before?.isSymbolicLink() && !(await this.leadsInside(path))) throw leadsOut();
      return { path, folder, before };
    });
  }

  async #folderByDescriptor(path: string): Promise<Folder> {
    const descriptor = await this.#files.open(path, O_PATH | O_DIRECTORY);
    const folder = { path: `/proc/self/fd/${descriptor}`, close: () => this.#files.close(descriptor) };
    return await this.#freeOnFailure(folder, async () => {
      this.#checkInside(await this.#files.readlink(folder.path));
      return folder;
    });
  }

  async #folderByPath(path: string): Promise<Folder> {
    const check = async (): Promise<void> => this.#checkInside(await this.#files.realpath(path));
    await check();
    return { path, close: () => ifThere(check()).then(() => {}) };
  }

  async #checkOpen(descriptor: number, path: string): Promise<void> {
    if (this.#byDescriptor) this.#checkInside(await this.#files.readlink(`/proc/self/fd/${descriptor}`));
    else this.#checkInside((await ifThere(this.#files.realpath(path))) ?? this.root);
  }

  #checkInside(realPath: string): void {
    if (!this.isInside(realPath)) throw leadsOut();
  }

  async #freeOnFailure<T>(folder: Folder, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      await folder.close();
      throw error;
    }
  }
}

function folderOf(key: string): readonly string[] {
  return key.split("/").slice(0, -1);
}

function leadsOut(): PermissionDeniedError {
  return new PermissionDeniedError(
    "a symbolic link leads out of the tree, or nowhere: nothing is read or written through it",
  );
}
