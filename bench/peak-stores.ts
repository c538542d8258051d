import { bucketOf, folderOf } from "./compete.ts";
import { localStores, raw as rawFiles } from "./local/stores.ts";
import { raw as rawS3, s3Stores } from "./s3/stores.ts";
import type { Place, Store } from "./store.ts";

export type PeakKind = "local" | "s3";

interface PeakStores {
  readonly raw: string;
  readonly names: readonly string[];
  readonly open: (name: string, place: Place) => Promise<Store | undefined>;
}

/** By name, since each is opened in a process of its own. */
export const peakStores: Readonly<Record<PeakKind, PeakStores>> = {
  local: {
    raw: rawFiles,
    names: Object.keys(localStores),
    open: async (name, place) => await localStores[name]?.(folderOf(place)),
  },
  s3: {
    raw: rawS3,
    names: Object.keys(s3Stores),
    open: async (name, place) => await s3Stores[name]?.(bucketOf(place)),
  },
};
