import { type CopyCall, checkRead, copiedAttributes, type ObjectFacts, StorageError } from "@storage/core";
import { writeBody } from "./body-writer.ts";
import { commit, type Making } from "./commit.ts";
import { FileBody } from "./file-body.ts";
import { O_RDONLY, unless } from "./files.ts";
import { type OpenObject, openObject } from "./reading.ts";
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
    isQuick: false,
    fill: async (into) => {
      if (cloned) return facts.size;
      const body = new FileBody(files, { descriptor, version, close: async () => {} }, range, signal);
      return await writeBody(files, into, { stream: body, size: facts.size }, signal);
    },
  };
}
