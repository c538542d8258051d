import { PermissionDeniedError, StorageError } from "@storage/core";
import { type Files, ifThere, O_DIRECTORY, O_PATH, unless } from "./files.ts";

export const reservedName = ".storage";

/** A folder that is proven to lie in the tree: a path through it leads nowhere else. */
export interface Folder {
  readonly path: string;
  close(): Promise<void>;
}

/**
 * The folders under `basePath`, contained by real path: a symbolic link may lead about in the tree,
 * never out of it. On Linux what was checked is what is used, since a descriptor stays what it is
 * whatever becomes of its path; elsewhere a link that is swapped in meanwhile is noticed afterwards.
 */
export class Folders {
  readonly root: string;
  protected readonly files: Files;
  protected readonly byDescriptor: boolean;
  readonly #makeFolder: (path: string) => Promise<void>;

  /** `makeFolder` makes one folder, as lasting as the backend's durability asks for. */
  constructor(
    root: string,
    files: Files,
    byDescriptor: boolean,
    makeFolder: (path: string) => Promise<void>,
  ) {
    this.root = root;
    this.files = files;
    this.byDescriptor = byDescriptor;
    this.#makeFolder = makeFolder;
  }

  /** A path to what is open, whatever became of its name; undefined where there is none. */
  pathOf(descriptor: number): string | undefined {
    return this.byDescriptor ? `/proc/self/fd/${descriptor}` : undefined;
  }

  /** @throws ENOENT, ENOTDIR where it is not there. @throws PermissionDeniedError where it leads out. */
  async folder(segments: readonly string[]): Promise<Folder> {
    const path = [this.root, ...segments].join("/");
    if (segments.length === 0) return { path: this.root, close: async () => {} };
    try {
      return await this.#folderAt(path);
    } catch (error) {
      if (!StorageError.is(error)) await this.#checkWay(segments.slice(0, -1));
      throw error;
    }
  }

  /** As `folder`, making what is missing. */
  async madeFolder(segments: readonly string[]): Promise<Folder> {
    const found = await ifThere(this.folder(segments));
    if (found !== undefined) return found;
    let folder = await this.folder([]);
    for (const name of segments) {
      const parent = folder;
      folder = await this.#madeIn(parent, name).finally(() => parent.close());
    }
    return folder;
  }

  async #madeIn(parent: Folder, name: string): Promise<Folder> {
    const path = `${parent.path}/${name}`;
    const found = await ifThere(this.#folderAt(path));
    if (found !== undefined) return found;
    if ((await this.files.look(path))?.isSymbolicLink()) throw leadsOut();
    await this.#makeFolder(path);
    return await this.#folderAt(path);
  }

  /** What lies outside is nobody's business: neither whether it is there, nor what it is. */
  async #checkWay(segments: readonly string[]): Promise<void> {
    for (let depth = 1; depth <= segments.length; depth++) {
      const path = [this.root, ...segments.slice(0, depth)].join("/");
      const folder = await this.#folderAt(path).catch(unlessLeadsOut);
      if (folder === undefined) return;
      await folder.close();
    }
  }

  /** Whether a link leads to something in the tree; false where it leads out or nowhere. */
  async leadsInside(path: string): Promise<boolean> {
    const real = await unless(["ENOENT", "ELOOP", "ENOTDIR", "EACCES"], this.files.realpath(path));
    return real !== undefined && this.isInside(real);
  }

  isInside(realPath: string): boolean {
    const rootWithSlash = this.root === "/" ? "/" : `${this.root}/`;
    if (realPath !== this.root && !realPath.startsWith(rootWithSlash)) return false;
    const [first] = realPath.slice(rootWithSlash.length).split("/");
    return first !== reservedName;
  }

  #folderAt(path: string): Promise<Folder> {
    return this.byDescriptor ? this.#folderByDescriptor(path) : this.#folderByPath(path);
  }

  async #folderByDescriptor(path: string): Promise<Folder> {
    const descriptor = await this.files.open(path, O_PATH | O_DIRECTORY);
    const folder = { path: `/proc/self/fd/${descriptor}`, close: () => this.files.close(descriptor) };
    return await freeOnFailure(folder, async () => {
      this.checkInside(await this.files.readlink(folder.path));
      return folder;
    });
  }

  async #folderByPath(path: string): Promise<Folder> {
    const check = async (): Promise<void> => this.checkInside(await this.files.realpath(path));
    await check();
    return { path, close: () => ifThere(check()).then(() => {}) };
  }

  protected async checkOpen(descriptor: number, path: string): Promise<void> {
    if (this.byDescriptor) this.checkInside(await this.files.readlink(`/proc/self/fd/${descriptor}`));
    else this.checkInside((await ifThere(this.files.realpath(path))) ?? this.root);
  }

  protected checkInside(realPath: string): void {
    if (!this.isInside(realPath)) throw leadsOut();
  }
}

/** The caller closes the folder, save where the work fails. */
export async function freeOnFailure<T>(folder: Folder, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await folder.close();
    throw error;
  }
}

function unlessLeadsOut(error: unknown): undefined {
  if (StorageError.is(error)) throw error;
}

export function leadsOut(): PermissionDeniedError {
  return new PermissionDeniedError(
    "a symbolic link leads out of the tree, or nowhere: nothing is read or written through it",
  );
}
