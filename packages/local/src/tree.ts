import { FileNotFoundError, InvalidKeyError, UnavailableError } from "@storage/core";
import { clear, prune } from "./empty-folders.ts";
import type { FileStats } from "./file-system.ts";
import { errorCode, ifThere, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, unless } from "./files.ts";
import { type Folder, Folders, freeOnFailure, leadsOut } from "./folders.ts";

/** Bytes, of Linux (PATH_MAX, less its end); elsewhere the system itself refuses what is too long. */
const longestPath = 4095;

/** How often a write makes its folder again when deletes prune it meanwhile. */
const patience = 100;

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

/** Where the files of keys are, and how they are come by. */
export class Tree extends Folders {
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
    return await freeOnFailure({ path, close: () => this.files.close(descriptor) }, async () => {
      const [stats] = await Promise.all([
        this.files.fstat(descriptor),
        isTrusted ? undefined : this.checkOpen(descriptor, path),
      ]);
      if (!stats.isFile()) throw new FileNotFoundError("what lies under this name is no file");
      return { descriptor, stats };
    });
  }

  /** A failure tells nothing of what lies outside: whether a name is there, or may be read. */
  async #opened(key: string, path: string): Promise<{ descriptor: number; isTrusted: boolean }> {
    try {
      if (!this.byDescriptor) this.checkInside(await this.files.realpath(path));
      const direct = await unless(["ELOOP"], this.files.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
      if (direct !== undefined) return { descriptor: direct, isTrusted: !key.includes("/") };
      return { descriptor: await this.files.open(path, O_RDONLY | O_NONBLOCK), isTrusted: false };
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
    await this.files.close(descriptor);
    return stats;
  }

  /** Removes folders that hold nothing any more, from a key's upwards. */
  async prune(key: string): Promise<void> {
    await prune(this, this.files, folderOf(key));
  }

  /** Removes what stands under a key where it is a folder, of nothing but empty ones. @throws ENOTEMPTY for any other. */
  async clear(key: string): Promise<void> {
    await clear(this, this.files, key.split("/"));
  }

  async #madePlace(key: string): Promise<Place> {
    return await this.#placeIn(await this.madeFolder(folderOf(key)), key);
  }

  async #placeIn(folder: Folder, key: string): Promise<Place> {
    const path = `${folder.path}/${key.slice(key.lastIndexOf("/") + 1)}`;
    return await freeOnFailure(folder, async () => {
      // By way of a descriptor a file could be stored that no program can open by its path.
      if (Buffer.byteLength(`${this.root}/${key}`) > longestPath)
        throw new InvalidKeyError("the file system takes no path of this length");
      const before = await this.files.look(path);
      if (before?.isSymbolicLink() && !(await this.leadsInside(path))) throw leadsOut();
      return { path, folder, before };
    });
  }
}

function folderOf(key: string): readonly string[] {
  return key.split("/").slice(0, -1);
}
