import type { DriverEntry, DriverPage, ListCall } from "@storage/core";
import { unlessGone } from "./folder-names.ts";
import { closing, lastNameOf, openFolder, parentOf } from "./folders.ts";
import { factsOf, versionOf } from "./stamp.ts";
import type { Store } from "./store.ts";
import { together } from "./together.ts";
import { statFile } from "./tree.ts";
import { Walk } from "./walk.ts";

/** Looks at so many files at once: threads that have to wait for the next look fall asleep, and to wake them takes longer than a look. */
const width = 128;

export async function listPage(store: Store, call: ListCall): Promise<DriverPage> {
  // Where both are given, the cursor is further: the entries before it may be gone.
  const walk = new Walk(store, { ...call, after: call.cursor ?? call.after });
  await walk.run();
  const { keys, prefixes, more, cursor } = walk;
  const entries = call.keysOnly ? keys.map((key) => ({ key })) : await entriesOf(store, keys, call.signal);
  // What is listed may be gone by now: the page can end before the place where it stopped.
  return { entries, prefixes, more, cursor };
}

/** In order; what went away meanwhile is left out. */
async function entriesOf(store: Store, keys: readonly string[], signal: AbortSignal): Promise<DriverEntry[]> {
  const found = new Map<string, DriverEntry>();
  for (let place = 0; place < keys.length; place += width) {
    signal.throwIfAborted();
    const groups = Map.groupBy(keys.slice(place, place + width), parentOf);
    await together(...[...groups].map((group) => unlessGone(lookIn(store, group, found))));
  }
  return keys.flatMap((key) => found.get(key) ?? []);
}

async function lookIn(
  store: Store,
  [folder, keys]: readonly [string, readonly string[]],
  found: Map<string, DriverEntry>,
): Promise<void> {
  await closing(openFolder(store, folder), async ({ path }) => {
    const looks = keys.map(async (key) => {
      const seen = await store.files.look(`${path}/${lastNameOf(key)}`);
      const stats = seen?.isSymbolicLink() ? await unlessGone(statFile(store, key)) : seen;
      if (stats?.isFile()) found.set(key, { key, ...factsOf(versionOf(stats)) });
    });
    await together(...looks);
  });
}
