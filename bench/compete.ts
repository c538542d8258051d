import { mkdir } from "node:fs/promises";
import type { Contender, Contenders } from "./row.ts";
import type { Bucket, Folder, Place, Store, Stores } from "./store.ts";

/** The work of a row, whoever does it. */
interface Plan {
  /** What is timed of one store; undefined where it can't do it, which leaves it out of the row. */
  work(store: Store): Contender["run"] | undefined;
  /** Before anything is timed: called with each store, or with the first alone where all share one place. */
  fill?(store: Store): Promise<unknown>;
}

/** Opens the stores of a row, and fills them. */
export type Compete = (place: Place, plan: Plan) => Promise<Contenders>;

export function inOwnFolders(stores: Stores<Folder>): Compete {
  return async (place, plan) => {
    const own = async (name: string): Promise<Folder> => {
      const parent = folderOf(place);
      const folder = `${parent.folder}/${name.replaceAll(/\W/g, "-")}`;
      await mkdir(folder, { recursive: true });
      return { ...parent, folder };
    };
    return contendersOf(await opened(stores, own, plan, plan.fill));
  };
}

export function inOneFolder(stores: Stores<Folder>): Compete {
  return async (place, plan) => await sharing(stores, folderOf(place), plan);
}

/** So all read the same objects, and the service holds few. */
export function inOneBucket(stores: Stores<Bucket>): Compete {
  return async (place, plan) => await sharing(stores, bucketOf(place), plan);
}

export function folderOf(place: Place): Folder {
  if ("folder" in place) return place;
  throw new Error("the row is for files");
}

export function bucketOf(place: Place): Bucket {
  if ("bucket" in place) return place;
  throw new Error("the row is for S3");
}

async function sharing<Where>(stores: Stores<Where>, place: Where, plan: Plan): Promise<Contenders> {
  const fill = async (store: Store): Promise<void> => {
    await filling?.(store);
    filling = undefined;
  };
  let filling = plan.fill;
  return contendersOf(await opened(stores, () => place, plan, fill));
}

async function opened<Where>(
  stores: Stores<Where>,
  placeOf: (name: string) => Where | Promise<Where>,
  { work }: Plan,
  fill: Plan["fill"],
): Promise<Contender[]> {
  const contenders: Contender[] = [];
  for (const [name, open] of Object.entries(stores)) {
    const store = await open(await placeOf(name));
    const run = work(store);
    if (run === undefined) continue;
    await fill?.(store);
    contenders.push({ name, run });
  }
  return contenders;
}

function contendersOf([first, ...others]: readonly Contender[]): Contenders {
  if (first === undefined) throw new Error("no store can do it");
  return [first, ...others];
}
