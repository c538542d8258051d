/** One way to do a row's work. The first of a row is the raw one, against which the others are measured. */
interface Contender {
  readonly name: string;
  /** Does the work once; `index` counts up. */
  run(index: number): Promise<unknown>;
}

export interface Row {
  readonly name: string;
  /** Times that the work is done in a round. */
  readonly times: number;
  /** At once. */
  readonly inFlight: number;
  readonly contenders: readonly [Contender, ...Contender[]];
}

export interface Result {
  readonly row: string;
  readonly contender: string;
  readonly microseconds: number;
  /** To the raw contender of the same round. */
  readonly ratio: number;
  /** The lowest and the highest ratio of all rounds. */
  readonly spread: readonly [number, number];
}

const rounds = 9;

/** Interleaved, so that what the machine does meanwhile meets all of them alike; medians, not means. */
export async function measure({ name, times, inFlight, contenders }: Row): Promise<Result[]> {
  const samples = contenders.map((): number[] => []);
  for (const contender of contenders) await timed(contender, Math.ceil(times / 3), inFlight);
  for (let round = 0; round < rounds; round++) {
    for (const [index, contender] of contenders.entries()) {
      samples[index]?.push(await timed(contender, times, inFlight));
    }
  }
  const raw = samples[0] ?? [];
  return contenders.map((contender, index) => {
    const own = samples[index] ?? [];
    const ratios = own.map((sample, round) => sample / (raw[round] ?? Number.NaN)).sort((a, b) => a - b);
    return {
      row: name,
      contender: contender.name,
      microseconds: median(own),
      ratio: median(ratios),
      spread: [ratios.at(0) ?? 0, ratios.at(-1) ?? 0],
    };
  });
}

/** Microseconds for doing it once. */
async function timed({ run }: Contender, times: number, inFlight: number): Promise<number> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < times) await run(next++);
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: inFlight }, worker));
  return ((performance.now() - started) * 1000) / times;
}

function median(samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
