import { writeFile } from "node:fs/promises";
import { large } from "./bodies.ts";
import { askChild } from "./child.ts";
import type { PeakTask } from "./children/peak-memory.ts";
import type { Counts } from "./counts.ts";
import { inFolder } from "./in-folder.ts";
import { localStores } from "./local/stores.ts";
import { figuresOf, type Result } from "./measure.ts";

/** MiB of ours at most, for either. */
export const peakTarget = 110;

export interface Peak extends Pick<Result, "contender" | "figure" | "spread"> {
  readonly work: PeakTask["work"];
}

/** What a fresh process holds at most while one stream goes through it. */
export async function peaks({ peaks: times, streamMebibytes }: Counts): Promise<Peak[]> {
  return await inFolder("tmpfs", async (folder) => {
    await writeFile(`${folder}/large`, large(streamMebibytes));
    const results: Peak[] = [];
    for (const work of ["put", "get"] as const) {
      for (const store of Object.keys(localStores)) {
        const task: PeakTask = { store, work, folder, mebibytes: streamMebibytes };
        const samples = await samplesOf(task, times);
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
