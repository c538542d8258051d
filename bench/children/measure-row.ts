// One row: all its contenders in this one process, which is fresh.
import type { Counts } from "../counts.ts";
import { measure } from "../measure.ts";
import { fileSections, s3Sections } from "../sections.ts";
import type { Place } from "../store.ts";
import { answer, taskOf } from "../task.ts";

export interface RowTask {
  /** Its title. */
  readonly section: string;
  /** Its name. */
  readonly row: string;
  readonly place: Place;
  readonly counts: Counts;
  /** Measures this contender alone, for a profile of it. */
  readonly only?: string;
}

const { section, row: name, place, counts, only } = taskOf<RowTask>();
const found = [...fileSections, ...s3Sections].find(({ title }) => title === section);
const row = found?.rows(counts).find((one) => one.name === name);
if (row === undefined) throw new Error("there is no such row");
const contenders = await row.contenders(place, counts);
const wanted = contenders.filter((contender) => only === undefined || contender.name === only);
answer(await measure(row, wanted));
