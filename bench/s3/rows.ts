import { inOneBucket } from "../compete.ts";
import type { Counts } from "../counts.ts";
import { inFlight } from "../in-flight.ts";
import { listing } from "../listing.ts";
import type { Row, Target } from "../row.ts";
import { getRow, headRow, putRow, type SmallRow, urlRow } from "../small-rows.ts";
import { getStreamRow, putStreamRow } from "../stream-rows.ts";
import { s3Readers, s3Stores } from "./stores.ts";

const all = inOneBucket(s3Stores);
const readers = inOneBucket(s3Readers);

const smallTarget: Target = { figure: 0.6, of: "CPU" };
const urlTarget: Target = { figure: 0.15, of: "CPU" };

/** Against the SDK, on one server. The targets of small operations are of our own CPU: the rest of their time is the server's. */
export function s3Rows(counts: Counts): Row[] {
  const { s3Rounds: rounds, s3Times: times, urlTimes, largeMebibytes, hugeMebibytes } = counts;
  const narrow: SmallRow = { compete: all, rounds, times, inFlight: 1, target: smallTarget };
  const wide: SmallRow = { ...narrow, times: 2 * times, inFlight: 16 };
  return [
    putRow(narrow),
    putRow(wide),
    getRow(narrow),
    getRow(wide),
    headRow(narrow),
    headRow(wide),
    urlRow({ ...narrow, times: urlTimes, target: urlTarget }),
    listRow(counts),
    ...streamRows({ mebibytes: largeMebibytes, rounds: counts.rounds, times: counts.largeTimes }),
    ...(hugeMebibytes === undefined
      ? []
      : streamRows({ mebibytes: hugeMebibytes, rounds: counts.hugeRounds, times: 1 })),
  ];
}

function streamRows(stream: Readonly<Record<"mebibytes" | "rounds" | "times", number>>): Row[] {
  return [
    putStreamRow({ ...stream, compete: all, target: { figure: 1 } }),
    getStreamRow({ ...stream, compete: readers, target: { figure: 0.8 } }),
  ];
}

function listRow({ rounds, s3Entries }: Counts): Row {
  return {
    name: `list ${s3Entries}, with size and date`,
    rounds,
    times: 1,
    inFlight: 1,
    contenders: async (place) =>
      await all(place, {
        work: ({ entries }) => listing(entries, s3Entries),
        fill: async ({ put }) =>
          await inFlight(32, s3Entries, (index) => put(`file-${index}.txt`, new Uint8Array())),
      }),
  };
}
