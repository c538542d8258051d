import {
  type Attributes,
  type CopyCall,
  type ObjectFacts,
  StorageError,
  storageError,
  UnavailableError,
} from "@storage/core";
import { classify } from "./classify.ts";
import { makeRoom } from "./commit.ts";
import { copyFile } from "./copying.ts";
import { uniqueName } from "./identity.ts";
import { statObject } from "./reading.ts";
import { removeFile } from "./removing.ts";
import { replacing } from "./replacing.ts";
import { isPlain } from "./sidecars.ts";
import { etagOf, type FileVersion, mayBeDescribed, versionOf } from "./stamp.ts";
import type { Store } from "./store.ts";

/** How often a move starts again when writes come between. */
const patience = 100;

/** A rename where that says it all; a copy and a conditional delete where conditions or attributes ask for more. */
export async function moveFile(
  store: Store,
  source: string,
  target: string,
  call: CopyCall,
): Promise<ObjectFacts> {
  for (let left = patience; left > 0; left--) {
    const facts = await statObject(store, source);
    const conditional = call.ifMatch !== undefined || call.ifNoneMatch !== undefined;
    const isDescribed = !isPlain(source, facts);
    if (conditional || call.replace !== undefined || (!isDescribed && !isPlain(target, facts))) {
      return await copyAndRemove(store, source, target, facts.etag, call);
    }
    const moved = await renameObject(store, source, target, isDescribed, facts, call);
    if (moved !== undefined) return moved;
  }
  throw new UnavailableError("the object is overwritten again and again");
}

async function copyAndRemove(
  store: Store,
  source: string,
  target: string,
  etag: string,
  call: CopyCall,
): Promise<ObjectFacts> {
  const ifMatch = call.ifMatch ?? etag;
  const facts = await copyFile(store, source, target, { ...call, ifMatch });
  try {
    await removeFile(store, source, { signal: call.signal, ifMatch });
    return facts;
  } catch (error) {
    const { code, hint } = StorageError.is(error)
      ? { code: error.code, hint: error.reason }
      : classify(error, "remove");
    const reason = `the copy was made, and the source could not be removed, so that both exist: ${hint ?? code}`;
    throw storageError(code, reason, { outcome: "unknown", retryable: false });
  }
}

/** Undefined where a write came between, and nothing was done. */
async function renameObject(
  store: Store,
  source: string,
  target: string,
  isDescribed: boolean,
  facts: ObjectFacts,
  call: CopyCall,
): Promise<ObjectFacts | undefined> {
  const place = await store.tree.place(source);
  try {
    const { before, path, folder } = place;
    if (before?.isSymbolicLink()) return await copyAndRemove(store, source, target, facts.etag, call);
    if (!before?.isFile() || etagOf(versionOf(before)) !== facts.etag) return undefined;
    const move = new Move(store, source, target, path, versionOf(before));
    const rename = (stillHeld: () => Promise<void>): Promise<FileVersion | undefined> =>
      store.changing(folder.path, () => move.run(isDescribed ? facts : undefined, call.signal, stillHeld));
    const moved = isDescribed
      ? await holdingBoth(store, [source, target], call.signal, rename)
      : await rename(async () => {});
    if (moved === undefined) return undefined;
    await store.tree.prune(source);
    return etagOf(moved) === facts.etag ? facts : await statObject(store, target);
  } finally {
    await place.folder.close();
  }
}

/** The sidecars in both places belong to one move at a time. In one order everywhere, so that no two wait for each other. */
async function holdingBoth<T>(
  { locks }: Store,
  keys: readonly [string, string],
  signal: AbortSignal,
  work: (stillHeld: () => Promise<void>) => Promise<T>,
): Promise<T> {
  const [first = "", second = ""] = keys.toSorted();
  const names = [await uniqueName(), await uniqueName()] as const;
  return await locks.holding(first, names[0], signal, (firstHeld) =>
    locks.holding(second, names[1], signal, (secondHeld) =>
      work(() => Promise.all([firstHeld(), secondHeld()]).then(() => {})),
    ),
  );
}

/** One rename, with the sidecar waiting in its new place before. */
class Move {
  readonly #store: Store;
  readonly #source: string;
  readonly #target: string;
  readonly #path: string;
  readonly #version: FileVersion;
  #isDone = false;

  constructor(store: Store, source: string, target: string, path: string, version: FileVersion) {
    this.#store = store;
    this.#source = source;
    this.#target = target;
    this.#path = path;
    this.#version = version;
  }

  async run(
    attributes: Attributes | undefined,
    signal: AbortSignal,
    stillHeld: () => Promise<void>,
  ): Promise<FileVersion | undefined> {
    const { temporaries, sidecars, files } = this.#store;
    if (!(await this.#isThere())) return undefined;
    const marker = await temporaries.reserve();
    try {
      if (attributes !== undefined) {
        await files.close(await temporaries.create(marker));
        await this.#describe(this.#version, attributes, marker);
      }
      const moved = await this.#rename(signal, stillHeld);
      if (moved === undefined) return undefined;
      if (!isSame(moved, this.#version)) await this.#follow(moved, marker);
      if (mayBeDescribed(moved.nanoseconds)) await sidecars.remove(this.#source, moved).catch(() => {});
      return moved;
    } finally {
      if (attributes !== undefined && !this.#isDone)
        await stillHeld()
          .then(() => sidecars.remove(this.#target, this.#version))
          .catch(() => {});
      await temporaries.remove(marker).catch(() => {});
    }
  }

  /** What was moved: a write may have come between our look and the rename, all the same. */
  async #rename(signal: AbortSignal, stillHeld: () => Promise<void>): Promise<FileVersion | undefined> {
    const { tree, files } = this.#store;
    return await tree.making(this.#target, undefined, async (place) => {
      await makeRoom(this.#store, this.#target, place);
      if (!(await this.#isThere())) return undefined;
      await stillHeld();
      signal.throwIfAborted();
      const version = place.before?.isFile() ? versionOf(place.before) : undefined;
      const doomed = [{ path: place.path, version }];
      await replacing(this.#store, this.#target, doomed, this.#version, () =>
        this.#store.changing(place.folder.path, async () => {
          await files.rename(this.#path, place.path);
          this.#isDone = true;
        }),
      );
      const moved = await files.look(place.path).catch(() => undefined);
      return moved === undefined ? this.#version : versionOf(moved);
    });
  }

  async #isThere(): Promise<boolean> {
    const now = await this.#store.files.look(this.#path);
    return now !== undefined && isSame(versionOf(now), this.#version);
  }

  /** The attributes of the write that came between go where its file went. */
  async #follow(moved: FileVersion, marker: string): Promise<void> {
    const attributes = await this.#store.sidecars.read(this.#source, moved);
    if (attributes !== undefined) await this.#describe(moved, attributes, marker);
    if (mayBeDescribed(this.#version.nanoseconds))
      await this.#store.sidecars.remove(this.#target, this.#version).catch(() => {});
  }

  /** In one step: this version may have been here before, and who has it open looks for its sidecar now. */
  async #describe(version: FileVersion, attributes: Attributes, marker: string): Promise<void> {
    const { sidecars, temporaries, files, isLasting } = this.#store;
    const name = await temporaries.reserve();
    try {
      const descriptor = await temporaries.create(name);
      try {
        await files.write(descriptor, sidecars.bytesOf(this.#target, attributes, marker), 0);
        if (isLasting) await files.fsync(descriptor);
      } finally {
        await files.close(descriptor);
      }
      await this.#store.sync(await sidecars.place(temporaries.pathOf(name), this.#target, version));
    } finally {
      await temporaries.remove(name).catch(() => {});
    }
  }
}

function isSame(one: FileVersion, other: FileVersion): boolean {
  return etagOf(one) === etagOf(other);
}
