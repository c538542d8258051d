import type { Counts } from "./counts.ts";
import type { Place } from "./store.ts";

/** One way to do a row's work. The first of a row is the raw one, against which the others are measured. */
export interface Contender {
  readonly name: string;
  /** Does the work once; `index` counts up. */
  run(index: number): Promise<unknown>;
}

export type Contenders = readonly [Contender, ...Contender[]];

/** At most this much, of ours. */
export interface Target {
  readonly figure: number;
  /** Default: of the time that passes. */
  readonly of?: "CPU";
  readonly microseconds?: number;
}

export interface Row {
  readonly name: string;
  /** What the figure is. Default: the ratio to the raw one of the same round. */
  readonly figure?: "milliseconds above raw";
  readonly target?: Target;
  readonly rounds: number;
  /** Times that the work is done in a round, and how many at once. */
  readonly times: number;
  readonly inFlight: number;
  /** Opens the stores and fills them: nothing of that is timed. */
  contenders(place: Place, counts: Counts): Promise<Contenders>;
}
