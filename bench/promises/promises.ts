import { mkdir } from "node:fs/promises";
import { localStores } from "../local/stores.ts";
import { memoryStores } from "../memory/stores.ts";
import { type Atomic, isAtomic } from "./atomic.ts";
import { type Contained, isContained } from "./contained.ts";
import { type Copies, copiesOf } from "./copies.ts";

/** What a store keeps to, as it was seen to in this run. */
interface LocalPromises {
  readonly atomic: Atomic;
  readonly contained: Contained;
}

export interface Promises {
  readonly local: Readonly<Record<string, LocalPromises>>;
  readonly memory: Readonly<Record<string, Copies>>;
}

export async function seenPromises(folder: string, torn: number): Promise<Promises> {
  const local: Record<string, LocalPromises> = {};
  for (const [name, open] of Object.entries(localStores)) {
    const own = `${folder}/${name.replaceAll(/\W/g, "-")}`;
    await mkdir(`${own}/atomic`, { recursive: true });
    const store = await open({ folder: `${own}/atomic`, durability: "none" });
    local[name] = { atomic: await isAtomic(store, torn), contained: await isContained(open, own) };
  }
  const memory: Record<string, Copies> = {};
  for (const [name, open] of Object.entries(memoryStores)) {
    memory[name] = await copiesOf(await open({ folder, durability: "none" }));
  }
  return { local, memory };
}
