import { inOwnFolders } from "../compete.ts";
import type { Counts } from "../counts.ts";
import type { Row } from "../row.ts";
import { getRow, putRow, type SmallRow } from "../small-rows.ts";
import { memoryStores } from "./stores.ts";

export function memoryRows({ smallRounds, memoryTimes }: Counts): Row[] {
  const small: SmallRow = {
    compete: inOwnFolders(memoryStores),
    rounds: smallRounds,
    times: memoryTimes,
    inFlight: 1,
    target: { figure: 4, microseconds: 10 },
  };
  return [putRow(small), getRow(small)];
}
