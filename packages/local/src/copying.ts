import { type CopyCall, copiedAttributes, type ObjectFacts } from "@storage/core";
import { writeBody } from "./body-writer.ts";
import { commit } from "./commit.ts";
import type { Making } from "./draft.ts";
import { fileStream } from "./file-body.ts";
import { toRead, unless } from "./files.ts";
import { closing, descriptorPath } from "./folders.ts";
import { persisting } from "./persisting.ts";
import { type OpenObject, openObject } from "./reading.ts";
import type { Store } from "./store.ts";

export async function copyFile(
  store: Store,
  source: string,
  target: string,
  call: CopyCall,
): Promise<ObjectFacts> {
  const copying = (): Promise<ObjectFacts> => copyOnce(store, source, target, call);
  if (source !== target || call.ifMatch !== undefined) return await copying();
  return await persisting(() => unless(["PreconditionFailed"], copying()));
}

async function copyOnce(store: Store, source: string, target: string, call: CopyCall): Promise<ObjectFacts> {
  const opened = await openObject(store, source, { ifMatch: call.ifMatch });
  const { facts } = opened;
  return await closing(opened, async () => {
    const attributes = { ...copiedAttributes(facts), ...call.replace };
    const ifMatch = source === target ? facts.etag : undefined;
    const terms = { signal: call.signal, ifNoneMatch: call.ifNoneMatch, ifMatch };
    const written = await commit(store, target, attributes, terms, makingFrom(store, opened, call.signal));
    return { ...attributes, ...written };
  });
}

/** The new file as a clone of the open one, or else as a copy of its bytes. */
function makingFrom(store: Store, opened: OpenObject, signal: AbortSignal): Making {
  const { files, byDescriptor } = store;
  const { descriptor, facts } = opened;
  let isCloned = false;
  return {
    open: async (path) => {
      if (!byDescriptor) return undefined;
      // Whatever fails: the blocks are read and written then, which tells what is wrong.
      isCloned = await files.clone(descriptorPath(descriptor), path).then(
        () => true,
        () => false,
      );
      return isCloned ? await files.open(path, toRead) : undefined;
    },
    fill: async (into) => {
      if (isCloned) return facts.size;
      const stream = fileStream(
        files,
        { ...opened, close: async () => {} },
        { start: 0, end: facts.size },
        signal,
      );
      return await writeBody(files, into, { stream, size: facts.size }, signal);
    },
  };
}
