import { inFlight } from "./in-flight.ts";
import type { Contender, Row } from "./row.ts";

export interface Figures {
  readonly figure: number;
  /** The lowest and the highest figure of all rounds. */
  readonly spread: readonly [number, number];
}

/** Pieces of work that are large, and done so often at most. */
const few = 4;

interface Measured extends Figures {
  /** For doing it once. */
  readonly microseconds: number;
}

/** Of the time that passes; and of the CPU of all threads of this process, which leaves out what a server takes. */
export interface Result extends Measured {
  readonly contender: string;
  readonly cpu: Measured;
}

/** Microseconds for doing it once. */
interface Sample {
  readonly wall: number;
  readonly cpu: number;
}

/** Interleaved, so that what the machine does meanwhile meets all of them alike; medians, not means. */
export async function measure(row: Row, contenders: readonly Contender[]): Promise<Result[]> {
  const samples = contenders.map((): Sample[] => []);
  for (const contender of contenders) await timed(contender, row.times, row.inFlight);
  for (let round = 0; round < row.rounds; round++) {
    for (const index of order(contenders.length, round)) {
      const contender = contenders[index];
      if (contender) samples[index]?.push(await timed(contender, row.times, row.inFlight));
    }
  }
  const raw = samples[0] ?? [];
  return contenders.map(({ name }, index) => {
    const own = samples[index] ?? [];
    return { contender: name, ...measured(row, "wall", own, raw), cpu: measured(row, "cpu", own, raw) };
  });
}

/** Another one begins each round, and every other round goes backwards: each finds the machine as the one before has left it. */
function order(length: number, round: number): number[] {
  const forwards = Array.from({ length }, (_, turn) => (turn + round) % length);
  return round % 2 === 0 ? forwards : forwards.reverse();
}

function measured(row: Row, kind: keyof Sample, own: readonly Sample[], raw: readonly Sample[]): Measured {
  const samples = own.map((sample) => sample[kind]);
  const figures = samples.map((sample, round) => figureOf(row, sample, raw[round]?.[kind] ?? Number.NaN));
  return { microseconds: summary(samples).median, ...figuresOf(figures) };
}

function figureOf({ figure }: Row, sample: number, raw: number): number {
  return figure === "milliseconds above raw" ? (sample - raw) / 1000 : sample / raw;
}

export function figuresOf(samples: readonly number[]): Figures {
  const { median, low, high } = summary(samples);
  return { figure: median, spread: [low, high] };
}

/**
 * What one contender leaves behind must not be collected on another's large piece of work; before many small
 * ones a collection would only cool the heap: it made a get from memory take half as long again, and a Map's a
 * fifth.
 */
async function timed({ run }: Contender, times: number, width: number): Promise<Sample> {
  if (times <= few) globalThis.gc?.();
  const before = process.cpuUsage();
  const started = performance.now();
  await inFlight(width, times, run);
  const wall = ((performance.now() - started) * 1000) / times;
  const { user, system } = process.cpuUsage(before);
  return { wall, cpu: (user + system) / times };
}

function summary(samples: readonly number[]): { median: number; low: number; high: number } {
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (index: number): number => sorted.at(index) ?? Number.NaN;
  return { median: at(Math.floor(sorted.length / 2)), low: at(0), high: at(-1) };
}
