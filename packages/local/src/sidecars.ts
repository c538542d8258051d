import { createHash } from "node:crypto";
import { type Attributes, type Bytes, contentTypeOf, IntegrityError, writeId } from "@storage/core";
import { errorCode, type Files, ifThere, O_CREAT, O_EXCL, O_RDONLY, O_WRONLY, unless } from "./files.ts";
import type { FileVersion } from "./stamp.ts";

/** What a sidecar holds: what its object's file does not say by itself. */
interface Description extends Partial<Attributes> {
  readonly key: string;
  /** The temp file of the write that made it: while that is there, the object is still to come. */
  readonly writer: string;
}

/** Whose a sidecar is; without key and writer where the write of the sidecar itself broke off. */
export interface SidecarOwner {
  readonly name: string;
  readonly key?: string | undefined;
  readonly writer?: string | undefined;
}

/**
 * Attributes under `.storage/meta`, in files named after the key and the version (size and time) of the
 * object's file. So a sidecar can be written before its object, belongs to no other bytes, and
 * survives a backup that keeps times.
 */
export class Sidecars {
  readonly #folder: string;
  readonly #files: Files;
  readonly #mode: number;
  readonly #makeFolder: (path: string) => Promise<void>;

  constructor(folder: string, files: Files, mode: number, makeFolder: (path: string) => Promise<void>) {
    this.#folder = folder;
    this.#files = files;
    this.#mode = mode;
    this.#makeFolder = makeFolder;
  }

  async read(key: string, version: FileVersion): Promise<Attributes | undefined> {
    const text = await ifThere(readText(this.#files, this.#pathOf(key, version)));
    if (text === undefined) return undefined;
    const description = parsed(text);
    return { ...plainAttributes(key), ...description };
  }

  /**
   * False where there is one for this version already, which stays. `sync` makes the file and its name
   * last; it gets their descriptor and their folder.
   */
  async write(
    key: string,
    version: FileVersion,
    attributes: Attributes,
    writer: string,
    sync: (descriptor: number, folder: string) => Promise<void>,
  ): Promise<boolean> {
    const path = this.#pathOf(key, version);
    const folder = path.slice(0, path.lastIndexOf("/"));
    const bytes = this.bytesOf(key, attributes, writer);
    const descriptor = await unless(["EEXIST"], this.#create(path, folder));
    if (descriptor === undefined) return false;
    try {
      await this.#files.write(descriptor, bytes, 0);
      await sync(descriptor, folder);
      return true;
    } catch (error) {
      await this.#files.remove(path).catch(() => {});
      throw error;
    } finally {
      await this.#files.close(descriptor);
    }
  }

  /** What is in a sidecar. */
  bytesOf(key: string, attributes: Attributes, writer: string): Bytes {
    const description: Description = { key, writer, ...attributes };
    return new TextEncoder().encode(JSON.stringify(description));
  }

  /** Puts a temp file in the place of a sidecar, in one step, whether or not there is one; gives its folder. */
  async place(temporary: string, key: string, version: FileVersion): Promise<string> {
    const path = this.#pathOf(key, version);
    const folder = path.slice(0, path.lastIndexOf("/"));
    const rename = (): Promise<true> => this.#files.rename(temporary, path).then(() => true);
    (await ifThere(rename())) ?? (await this.#makeFolder(folder).then(rename));
    return folder;
  }

  async remove(key: string, version: FileVersion): Promise<void> {
    await this.#files.remove(this.#pathOf(key, version));
  }

  /** Removes sidecars that no object has; `isUsed` is asked about each. */
  async sweep(isUsed: (about: SidecarOwner) => Promise<boolean>): Promise<number> {
    let removed = 0;
    for await (const path of this.#paths()) {
      if (!(await this.#isUsed(path, isUsed)) && (await this.#files.remove(path))) removed++;
    }
    return removed;
  }

  /** One that is half written is looked at again once its writer is no longer at work. */
  async #isUsed(path: string, isUsed: (about: SidecarOwner) => Promise<boolean>): Promise<boolean> {
    const name = path.slice(path.lastIndexOf("/") + 1);
    const text = await ifThere(readText(this.#files, path));
    if (text === undefined || (await isUsed({ ...ownerOf(text), name }))) return true;
    if (ownerOf(text).key !== undefined) return false;
    const now = ownerOf((await ifThere(readText(this.#files, path))) ?? "");
    return now.key !== undefined && (await isUsed({ ...now, name }));
  }

  async *#paths(): AsyncGenerator<string> {
    for (const group of await this.#files.names(this.#folder)) {
      const folder = `${this.#folder}/${group}`;
      for (const name of await this.#files.names(folder)) {
        yield `${folder}/${name}`;
      }
    }
  }

  nameOf(key: string, { size, nanoseconds }: FileVersion): string {
    return `${digestOf(key)}.${nanoseconds.toString(36)}.${size.toString(36)}`;
  }

  #pathOf(key: string, version: FileVersion): string {
    const name = this.nameOf(key, version);
    return `${this.#folder}/${name.slice(0, 2)}/${name}`;
  }

  async #create(path: string, folder: string): Promise<number> {
    const flags = O_WRONLY | O_CREAT | O_EXCL;
    try {
      return await this.#files.open(path, flags, this.#mode);
    } catch (error) {
      if (errorCode(error) !== "ENOENT") throw error;
      await this.#makeFolder(folder);
      return await this.#files.open(path, flags, this.#mode);
    }
  }
}

/** What a file says by itself. */
export function plainAttributes(key: string): Attributes {
  return { contentType: contentTypeOf(key), metadata: {}, internal: {} };
}

/** Without the write id: a local write never loses its reply. */
export function withoutWriteId(attributes: Attributes): Attributes {
  const { [writeId]: _, ...internal } = attributes.internal;
  return { ...attributes, internal };
}

/** Whether the file says it all by itself. */
export function isPlain(key: string, attributes: Attributes): boolean {
  const { contentType, cacheControl, contentDisposition, contentEncoding, metadata, internal } = attributes;
  const headers = cacheControl ?? contentDisposition ?? contentEncoding;
  const pairs = Object.keys(metadata).length + Object.keys(internal).length;
  return headers === undefined && pairs === 0 && contentType === contentTypeOf(key);
}

function digestOf(key: string): string {
  return createHash("sha256").update(key).digest("hex").slice(0, 40);
}

function parsed(text: string): Partial<Attributes> {
  const { key: _, writer: __, ...attributes } = described(text);
  return attributes;
}

function described(text: string): Description {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new IntegrityError("the attributes of this object are damaged on the disk", { cause: error });
  }
}

function ownerOf(text: string): Omit<SidecarOwner, "name"> {
  try {
    const { key, writer } = described(text);
    return { key, writer };
  } catch {
    return {};
  }
}

async function readText(files: Files, path: string): Promise<string> {
  const descriptor = await files.open(path, O_RDONLY);
  try {
    const { size } = await files.fstat(descriptor);
    const bytes = new Uint8Array(Number(size));
    const length = await files.read(descriptor, bytes, 0, bytes.length, 0);
    return new TextDecoder().decode(bytes.subarray(0, length));
  } finally {
    await files.close(descriptor);
  }
}
