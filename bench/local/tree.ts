import { inFlight } from "../in-flight.ts";
import type { Folder } from "../store.ts";
import { localStores, ours } from "./stores.ts";

/** Empty objects as our puts leave them, for all to list: plain files, which is what all of them read. */
export async function plant(place: Folder, names: readonly string[]): Promise<void> {
  const store = await localStores[ours]?.(place);
  const nothing = new Uint8Array();
  await inFlight(32, names.length, async (index) => await store?.put(names[index] ?? "", nothing));
}

export function treeNames([folders, files]: readonly [number, number]): string[] {
  return Array.from({ length: folders }, (_, folder) =>
    Array.from({ length: files }, (_, file) => `folder-${folder}/file-${file}.txt`),
  ).flat();
}

export function flatNames(count: number): string[] {
  return Array.from({ length: count }, (_, file) => `file-${file}.txt`);
}
