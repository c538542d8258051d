// One row: all its contenders in this one process, which is fresh.

import type { Counts } from "../counts.ts";
import { measure } from "../measure.ts";
import { sections } from "../sections.ts";
import { answer, taskOf } from "../task.ts";

/** Indexes of the section and of its row. */
export interface RowTask {
  readonly section: number;
  readonly row: number;
  readonly folder: string;
  readonly counts: Counts;
  /** Measures this contender alone, for a profile of it. */
  readonly only?: string;
}

const { section, row: index, folder, counts, only } = taskOf<RowTask>();
const found = sections[section];
const row = found?.rows(counts)[index];
if (found === undefined || row === undefined) throw new Error("there is no such row");
const contenders = await row.contenders({ folder, durability: found.durability }, counts);
const wanted = contenders.filter(({ name }) => only === undefined || name === only);
answer(await measure(row, wanted));
