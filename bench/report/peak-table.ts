import type { Counts } from "../counts.ts";
import { type Peak, peakTarget } from "../peaks.ts";
import type { Promises } from "../promises/promises.ts";
import { promiseText } from "./promise-text.ts";
import { range, table } from "./table.ts";
import { verdict } from "./verdict.ts";

export const peakTitle = "Peak RSS of a fresh process, tmpfs";

const head = ["row", "who", "MiB", "spread", "promises", "target"];

export function peakTable(all: readonly Peak[], promises: Promises, { streamMebibytes }: Counts): string {
  const lines = (["put", "get"] as const).flatMap((work) => {
    const results = all.filter((peak) => peak.work === work);
    return results.map((peak, index) => {
      const name = index === 0 ? `${work} a stream of ${streamMebibytes} MiB` : "";
      const target = { figure: peakTarget };
      const judged = verdict(peak, { kind: "local", promises, results, target });
      const promise = promiseText(promises, "local", peak.contender);
      return [name, peak.contender, peak.figure.toFixed(0), range(peak.spread, 0), promise, judged];
    });
  });
  return table(peakTitle, head, lines);
}
