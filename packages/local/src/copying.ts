import {
  type Attributes,
  type CopyCall,
  checkRead,
  copiedAttributes,
  FileNotFoundError,
  type ObjectFacts,
  StorageError,
  storageError,
} from "@storage/core";
import { writeBody } from "./body-writer.ts";
import { classify } from "./classify.ts";
import { commit, forget, lasting, type Making, makeRoom } from "./commit.ts";
import { FileBody } from "./file-body.ts";
import { O_RDONLY, unless } from "./file-system.ts";
import { type OpenObject, openObject, statObject } from "./reading.ts";
import { removeFile } from "./removing.ts";
import { isPlain } from "./sidecars.ts";
import { etagOf, type FileVersion, versionOf } from "./stamp.ts";
import type { Store } from "./store.ts";

/** Of a file system without clones: the blocks are read and written. */
const noClone = ["ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EXDEV", "EINVAL", "ENOTTY", "EPERM", "EACCES", "ENOENT"];

/** How often a copy onto itself starts again when writes come between. */
const patience = 20;

export async function copyFile(
  store: Store,
  source: string,
  target: string,
  call: CopyCall,
): Promise<ObjectFacts> {
  for (let left = source === target && call.ifMatch === undefined ? patience : 0; ; left--) {
    const done = await copyOnce(store, source, target, call).catch((error: unknown) => {
      if (left === 0 || !StorageError.is(error, "PreconditionFailed")) throw error;
    });
    if (done !== undefined) return done;
  }
}

async function copyOnce(store: Store, source: string, target: string, call: CopyCall): Promise<ObjectFacts> {
  const opened = await openObject(store, source);
  const { descriptor, facts } = opened;
  try {
    checkRead(facts, { ifMatch: call.ifMatch });
    const attributes = { ...copiedAttributes(facts), ...call.replace };
    const ifMatch = source === target ? facts.etag : undefined;
    const terms = { signal: call.signal, ifNoneMatch: call.ifNoneMatch, ifMatch };
    const written = await commit(store, target, attributes, terms, makingFrom(store, opened, call.signal));
    return { ...attributes, ...written, lastModified: written.lastModified ?? facts.lastModified };
  } finally {
    await store.files.close(descriptor);
  }
}

/** The new file as a clone of the open one, or else as a copy of its bytes. */
function makingFrom(store: Store, { descriptor, version, facts }: OpenObject, signal: AbortSignal): Making {
  const { files, tree } = store;
  const range = { start: 0, end: facts.size };
  let cloned = false;
  return {
    open: async (draft) => {
      const path = tree.pathOf(descriptor);
      cloned =
        path !== undefined &&
        (await unless(
          noClone,
          files.clone(path, draft.path).then(() => true),
        )) === true;
      return cloned ? await files.open(draft.path, O_RDONLY) : await draft.create();
    },
    fill: async (into) => {
      if (cloned) return facts.size;
      const body = new FileBody(files, { descriptor, version, close: async () => {} }, range, signal);
      return await writeBody(files, into, { stream: body, size: facts.size }, signal);
    },
  };
}

/** A rename where that says it all; a copy and a conditional delete where conditions or attributes ask for more. */
export async function moveFile(
  store: Store,
  source: string,
  target: string,
  call: CopyCall,
): Promise<ObjectFacts> {
  const facts = await statObject(store, source);
  const conditional = call.ifMatch !== undefined || call.ifNoneMatch !== undefined;
  const described = !isPlain(source, facts);
  if (conditional || call.replace !== undefined || (!described && !isPlain(target, facts))) {
    return await copyAndRemove(store, source, target, call);
  }
  const place = await store.tree.place(source);
  try {
    const { before } = place;
    if (!before?.isFile()) return await copyAndRemove(store, source, target, call);
    await new Move(store, source, target, place.path).run(described ? facts : undefined, versionOf(before));
    await lasting(store, place.folder.path);
  } finally {
    await place.folder.close();
  }
  await store.tree.prune(source);
  return await statObject(store, target);
}

async function copyAndRemove(
  store: Store,
  source: string,
  target: string,
  call: CopyCall,
): Promise<ObjectFacts> {
  const { etag } = await statObject(store, source);
  const facts = await copyFile(store, source, target, { ...call, ifMatch: call.ifMatch ?? etag });
  try {
    await removeFile(store, source, { signal: call.signal, ifMatch: call.ifMatch ?? etag });
    return facts;
  } catch (error) {
    const { code, hint } = StorageError.is(error)
      ? { code: error.code, hint: error.reason }
      : classify(error, "remove");
    const reason = `the copy was made, and the source could not be removed, so that both exist: ${hint ?? code}`;
    throw storageError(code, reason, { outcome: "unknown" });
  }
}

/** One rename, with the sidecar waiting in its new place before. */
class Move {
  readonly #store: Store;
  readonly #source: string;
  readonly #target: string;
  readonly #path: string;

  constructor(store: Store, source: string, target: string, path: string) {
    this.#store = store;
    this.#source = source;
    this.#target = target;
    this.#path = path;
  }

  async run(attributes: Attributes | undefined, version: FileVersion): Promise<void> {
    const { temporaries, sidecars, files } = this.#store;
    const marker = await temporaries.reserve();
    try {
      if (attributes !== undefined) {
        await files.close(await temporaries.create(marker));
        await this.#describe(version, attributes, marker);
      }
      const moved = await this.#rename();
      if (etagOf(moved) !== etagOf(version)) await this.#follow(version, moved, marker);
      await forget(this.#store, this.#source, moved);
    } catch (error) {
      if (attributes !== undefined) await sidecars.remove(this.#target, version);
      throw error;
    } finally {
      await temporaries.remove(marker);
    }
  }

  /** What was moved: a write may have come between our look and the rename. */
  async #rename(): Promise<FileVersion> {
    const { tree, files } = this.#store;
    const [replaced, moved] = await tree.making(this.#target, undefined, async (place) => {
      await makeRoom(this.#store, this.#target, place);
      if ((await files.look(this.#path)) === undefined) {
        throw new FileNotFoundError("there is no object under this key");
      }
      await files.rename(this.#path, place.path);
      await lasting(this.#store, place.folder.path);
      return [place.before, versionOf(await files.stat(place.path))] as const;
    });
    if (replaced?.isFile()) await forget(this.#store, this.#target, versionOf(replaced));
    return moved;
  }

  /** The attributes of the write that came between go where its file went. */
  async #follow(expected: FileVersion, moved: FileVersion, marker: string): Promise<void> {
    const attributes = await this.#store.sidecars.read(this.#source, moved);
    if (attributes !== undefined) await this.#describe(moved, attributes, marker);
    await forget(this.#store, this.#target, expected);
  }

  async #describe(version: FileVersion, attributes: Attributes, marker: string): Promise<void> {
    const { sidecars, files, isLasting } = this.#store;
    await sidecars.write(this.#target, version, attributes, marker, async (descriptor, folder) => {
      if (isLasting) await files.fsync(descriptor);
      await this.#store.sync(folder);
    });
  }
}
