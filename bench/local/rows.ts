import { inOwnFolders } from "../compete.ts";
import type { Counts } from "../counts.ts";
import type { Row, Target } from "../row.ts";
import { describedRow, getRow, putRow, type SmallRow } from "../small-rows.ts";
import type { Durability } from "../store.ts";
import { getStreamRow, putStreamRow } from "../stream-rows.ts";
import { listRows } from "./list-rows.ts";
import { storesFor } from "./stores.ts";

/** By how many are in flight. The targets are of `durability: "none"` on tmpfs. */
const targets: ReadonlyMap<number, Readonly<Record<"put" | "described" | "get", Target>>> = new Map([
  [1, { put: { figure: 2.2 }, described: { figure: 4 }, get: { figure: 1.3 } }],
  [32, { put: { figure: 2.6 }, described: { figure: 4 }, get: { figure: 1.5 } }],
]);

/**
 * Against `node:fs`, which promises nothing. What is written with fsync is read and listed as ever, and names
 * are in memory also where files are on a disk.
 */
export function localRows(counts: Counts, durability: Durability, place: "tmpfs" | "disk"): Row[] {
  const compete = inOwnFolders(storesFor(durability));
  const stream = { compete, rounds: counts.rounds, mebibytes: counts.streamMebibytes };
  const times = durability === "none" ? counts.times : counts.durableTimes;
  const widths = Array.from(targets, ([inFlight, target]) => {
    const small = (kind: keyof typeof target): SmallRow => ({
      compete,
      rounds: counts.smallRounds,
      times,
      inFlight,
      target: target[kind],
    });
    return {
      put: putRow(small("put")),
      described: describedRow(small("described")),
      get: getRow(small("get")),
    };
  });
  const puts = [
    ...widths.map(({ put }) => put),
    ...widths.map(({ described }) => described),
    putStreamRow({ ...stream, target: { figure: 0.95 } }),
  ];
  if (durability === "fsync") return puts;
  const gets = [...widths.map(({ get }) => get), getStreamRow({ ...stream, target: { figure: 0.7 } })];
  return [...puts, ...gets, ...(place === "tmpfs" ? listRows(counts) : [])];
}
