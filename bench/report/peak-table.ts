import type { Peak, PeakPlan } from "../peaks.ts";
import type { Promises } from "../promises/promises.ts";
import { promiseText } from "./promise-text.ts";
import { range, table } from "./table.ts";
import { verdict } from "./verdict.ts";

const head = ["row", "who", "MiB", "spread", "promises", "target"];
const s3Head = ["row", "who", "MiB", "spread", "target"];

export function peakTable(
  { title, kind, mebibytes, target: figure }: PeakPlan,
  all: readonly Peak[],
  promises: Promises,
): string {
  const target = { figure };
  const lines = (["put", "get"] as const).flatMap((work) => {
    const results = all.filter((peak) => peak.work === work);
    return results.map((peak, index) => {
      const name = index === 0 ? `${work} a stream of ${mebibytes} MiB` : "";
      const judged = verdict(peak, { kind, promises, results, target });
      const promise = kind === "s3" ? [] : [promiseText(promises, kind, peak.contender)];
      return [name, peak.contender, peak.figure.toFixed(0), range(peak.spread, 0), ...promise, judged];
    });
  });
  return table(title, kind === "s3" ? s3Head : head, lines);
}
