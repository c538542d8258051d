import { large, mebibyte } from "./bodies.ts";
import { askChild } from "./child.ts";
import type { PeakTask } from "./children/peak-memory.ts";
import { type Figures, figuresOf } from "./measure.ts";
import { type PeakKind, peakStores } from "./peak-stores.ts";
import type { Section } from "./sections.ts";

/** What is measured of each store: the most memory that a fresh process holds while one stream goes through it. */
export interface PeakPlan {
  readonly title: string;
  readonly kind: PeakKind;
  /** MiB of ours at most, for either. */
  readonly target: number;
  readonly mebibytes: number;
  readonly times: number;
  readonly lend: Section["lend"];
}

export interface Peak extends Figures {
  readonly contender: string;
  readonly work: PeakTask["work"];
}

export async function peaks({ kind, mebibytes, times, lend }: PeakPlan): Promise<Peak[]> {
  const { raw, names, open } = peakStores[kind];
  return await lend(async (place) => {
    const planter = await open(raw, place);
    await planter?.streams?.put("large", large(mebibytes), mebibytes * mebibyte);
    const results: Peak[] = [];
    for (const work of ["put", "get"] as const) {
      for (const store of names) {
        const samples = await samplesOf({ kind, store, work, place, mebibytes }, times);
        if (samples.length > 0) results.push({ work, contender: store, ...figuresOf(samples) });
      }
    }
    return results;
  });
}

/** The first only leaves its compiled files; it has none where the store can't do it. */
async function samplesOf(task: PeakTask, times: number): Promise<number[]> {
  const samples: number[] = [];
  for (let time = 0; time <= times; time++) {
    const peak = await askChild<number | null>("peak-memory", task);
    if (peak !== null && time > 0) samples.push(peak);
  }
  return samples;
}
