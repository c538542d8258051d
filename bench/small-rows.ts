import { small } from "./bodies.ts";
import type { Compete } from "./compete.ts";
import type { Contender, Row, Target } from "./row.ts";
import type { Metadata, Store } from "./store.ts";

/** So many objects are written and read again and again. */
const keys = 500;
const keyOf = (index: number): string => `key-${index % keys}`;
const metadata: Metadata = { author: "ada" };

/** The rows of one width; each says its target where it has one. */
export interface SmallRow {
  readonly compete: Compete;
  readonly rounds: number;
  readonly times: number;
  readonly inFlight: number;
  readonly target?: Target | undefined;
}

export function putRow(row: SmallRow): Row {
  return rowOf(
    `put 1 KiB, ${row.inFlight} in flight`,
    row,
    (store) => (index) => store.put(keyOf(index), small),
  );
}

export function describedRow(row: SmallRow): Row {
  return rowOf(
    `put 1 KiB with metadata, ${row.inFlight} in flight`,
    row,
    ({ described }) => described && ((index) => described.put(keyOf(index), small, metadata)),
  );
}

export function getRow(row: SmallRow): Row {
  return rowOf(
    `get 1 KiB, ${row.inFlight} in flight`,
    row,
    (store) => (index) => store.get(keyOf(index)),
    filled,
  );
}

export function headRow(row: SmallRow): Row {
  return rowOf(
    `head, ${row.inFlight} in flight`,
    row,
    ({ head }) => head && ((index) => head(keyOf(index))),
    filled,
  );
}

export function urlRow(row: SmallRow): Row {
  return rowOf("signed URL", row, ({ url }) => url && ((index) => url(keyOf(index))));
}

async function filled(store: Store): Promise<void> {
  for (let index = 0; index < keys; index++) await store.put(keyOf(index), small);
  const { length } = await store.get(keyOf(0));
  if (length !== small.length) throw new Error(`${length} bytes came back`);
}

function rowOf(
  name: string,
  { compete, target, rounds, times, inFlight }: SmallRow,
  work: (store: Store) => Contender["run"] | undefined,
  fill?: (store: Store) => Promise<void>,
): Row {
  return {
    name,
    rounds,
    times,
    inFlight,
    ...(target && { target }),
    contenders: async (place) => await compete(place, { work, ...(fill && { fill }) }),
  };
}
