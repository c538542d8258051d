import { inFlight } from "./in-flight.ts";
import type { Contender, Row } from "./row.ts";

export interface Result {
  readonly contender: string;
  /** For doing it once. */
  readonly microseconds: number;
  readonly figure: number;
  /** The lowest and the highest figure of all rounds. */
  readonly spread: readonly [number, number];
}

/** Interleaved, so that what the machine does meanwhile meets all of them alike; medians, not means. */
export async function measure(row: Row, contenders: readonly Contender[]): Promise<Result[]> {
  const samples = contenders.map((): number[] => []);
  for (const contender of contenders) await timed(contender, row.times, row.inFlight);
  for (let round = 0; round < row.rounds; round++) {
    for (let turn = 0; turn < contenders.length; turn++) {
      // Another one begins each round: who comes first finds the machine as the last one left it.
      const index = (turn + round) % contenders.length;
      const contender = contenders[index];
      if (contender) samples[index]?.push(await timed(contender, row.times, row.inFlight));
    }
  }
  const raw = samples[0] ?? [];
  return contenders.map(({ name }, index) => {
    const own = samples[index] ?? [];
    const figures = own.map((sample, round) => figureOf(row, sample, raw[round] ?? Number.NaN));
    return { contender: name, microseconds: summary(own).median, ...figuresOf(figures) };
  });
}

function figureOf({ figure }: Row, sample: number, raw: number): number {
  return figure === "milliseconds above raw" ? (sample - raw) / 1000 : sample / raw;
}

export function figuresOf(samples: readonly number[]): Pick<Result, "figure" | "spread"> {
  const { median, low, high } = summary(samples);
  return { figure: median, spread: [low, high] };
}

/**
 * Microseconds for doing it once. What one contender leaves behind must not be collected on another's large
 * piece of work; before many small ones a collection would only cool the heap: it made a get from memory take
 * half as long again, and a Map's a fifth.
 */
async function timed({ run }: Contender, times: number, width: number): Promise<number> {
  if (times === 1) globalThis.gc?.();
  const started = performance.now();
  await inFlight(width, times, run);
  return ((performance.now() - started) * 1000) / times;
}

function summary(samples: readonly number[]): { median: number; low: number; high: number } {
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (index: number): number => sorted.at(index) ?? Number.NaN;
  return { median: at(Math.floor(sorted.length / 2)), low: at(0), high: at(-1) };
}
