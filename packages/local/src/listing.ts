import type { DriverEntry, DriverPage, ListCall } from "@storage/core";
import { unlessGone } from "./folder-names.ts";
import { closing, lastNameOf, openFolder, parentOf } from "./folders.ts";
import { factsOf, versionOf } from "./stamp.ts";
import type { Store } from "./store.ts";
import { together } from "./together.ts";
import { statFile } from "./tree.ts";
import { Walk } from "./walk.ts";

/** Looks at so many files at a time: what the threads of Node keep busy with. */
const width = 32;

export async function listPage(store: Store, call: ListCall): Promise<DriverPage> {
  // Where both are given, the cursor is further: the entries before it may be gone.
  const walk = new Walk(store, { ...call, after: call.cursor ?? call.after });
  await walk.run();
  const { keys, prefixes, more, last } = walk;
  const entries = call.keysOnly ? keys.map((key) => ({ key })) : await entriesOf(store, keys, call.signal);
  // What is listed may be gone by now: the page can end before the place where it stopped.
  return { entries, prefixes, more, cursor: last };
}

/** In order; what went away meanwhile is left out. */
async function entriesOf(store: Store, keys: readonly string[], signal: AbortSignal): Promise<DriverEntry[]> {
  const found = new Map<string, DriverEntry>();
  for (const [folder, group] of Map.groupBy(keys, parentOf)) {
    const looking = closing(openFolder(store, folder), async ({ path }) => {
      for (let place = 0; place < group.length; place += width) {
        signal.throwIfAborted();
        const looks = group.slice(place, place + width).map(async (key) => {
          const entry = await unlessGone(entryOf(store, key, `${path}/${lastNameOf(key)}`));
          if (entry !== undefined) found.set(key, entry);
        });
        await together(...looks);
      }
    });
    await unlessGone(looking);
  }
  return keys.flatMap((key) => found.get(key) ?? []);
}

async function entryOf(store: Store, key: string, path: string): Promise<DriverEntry | undefined> {
  const seen = await store.files.look(path);
  const stats = seen?.isSymbolicLink() ? await statFile(store, key) : seen;
  if (!stats?.isFile()) return undefined;
  return { key, ...factsOf(versionOf(stats)) };
}
