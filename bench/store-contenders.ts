import { mkdir } from "node:fs/promises";
import type { Contender, Contenders } from "./row.ts";
import type { Place, Store, Stores } from "./store.ts";

interface Plan {
  readonly stores: Stores;
  /** What is timed of one store; undefined where it can't do it, which leaves it out of the row. */
  work(store: Store): Contender["run"] | undefined;
  /** Called once with each opened store, before anything is timed. */
  fill?(store: Store): Promise<void>;
  /** Whether all read the one folder of the row. Default: each has a folder of its own. */
  readonly shared?: boolean;
}

/** The stores of a row, opened and filled. */
export async function storeContenders(place: Place, plan: Plan): Promise<Contenders> {
  const contenders: Contender[] = [];
  for (const [name, open] of Object.entries(plan.stores)) {
    const folder = plan.shared ? place.folder : `${place.folder}/${name.replaceAll(/\W/g, "-")}`;
    await mkdir(folder, { recursive: true });
    const store = await open({ ...place, folder });
    const run = plan.work(store);
    if (run === undefined) continue;
    await plan.fill?.(store);
    contenders.push({ name, run });
  }
  const [first, ...others] = contenders;
  if (first === undefined) throw new Error("no store can do it");
  return [first, ...others];
}
