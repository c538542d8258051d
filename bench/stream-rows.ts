import { drain, large, mebibyte } from "./bodies.ts";
import type { Compete } from "./compete.ts";
import type { Row, Target } from "./row.ts";

const key = "large";

interface StreamRow {
  readonly compete: Compete;
  readonly rounds: number;
  /** In a round. Default: once. */
  readonly times?: number;
  readonly mebibytes: number;
  readonly target?: Target | undefined;
}

export function putStreamRow({ compete, mebibytes, ...row }: StreamRow): Row {
  return {
    ...rowOf(row),
    name: `put a stream of ${mebibytes} MiB`,
    contenders: async (place) =>
      await compete(place, {
        work: ({ streams }) => streams && (() => streams.put(key, large(mebibytes), mebibytes * mebibyte)),
      }),
  };
}

export function getStreamRow({ compete, mebibytes, ...row }: StreamRow): Row {
  return {
    ...rowOf(row),
    name: `get a stream of ${mebibytes} MiB`,
    contenders: async (place) =>
      await compete(place, {
        work: ({ streams }) => {
          const get = streams?.get;
          return get && (async () => await drain(await get(key), mebibytes));
        },
        fill: async ({ streams }) => await streams?.put(key, large(mebibytes), mebibytes * mebibyte),
      }),
  };
}

function rowOf({
  rounds,
  times = 1,
  target,
}: Pick<StreamRow, "rounds" | "times" | "target">): Pick<Row, "rounds" | "times" | "target" | "inFlight"> {
  return { rounds, times, inFlight: 1, ...(target && { target }) };
}
