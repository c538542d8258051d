import { ours as oursInFiles, raw as rawFiles } from "../local/stores.ts";
import type { Result } from "../measure.ts";
import { ours as oursInMemory, raw as rawMap } from "../memory/stores.ts";
import type { Promises } from "../promises/promises.ts";
import type { Target } from "../row.ts";
import { ours as oursInS3, raw as rawS3 } from "../s3/stores.ts";
import type { Section } from "../sections.ts";
import { isPeer } from "./promise-text.ts";

const ours = new Set([oursInFiles, oursInMemory, oursInS3]);
const raw = new Set([rawFiles, rawMap, rawS3]);

/** What is judged of a result: a peak has neither time nor CPU. */
interface Standing extends Pick<Result, "contender" | "figure"> {
  readonly microseconds?: number;
  readonly cpu?: Pick<Result, "figure">;
}

export interface Judged {
  readonly kind: Section["kind"];
  readonly promises: Promises;
  readonly results: readonly Standing[];
  /** Of ours; absent where the table is only for show. */
  readonly target?: Target | undefined;
}

/** Of ours: whether the target is met, and which peers that promise the same are ahead. Empty for all others. */
export function verdict(own: Standing, judged: Judged): string {
  if (!ours.has(own.contender)) return "";
  const ahead = aheadOf(own, judged, ({ figure }) => figure);
  const aheadInCpu = judged.kind === "s3" ? aheadOf(own, judged, ({ cpu }) => cpu?.figure) : [];
  return [
    ...targetText(own, judged.target),
    ...(ahead.length > 0 ? [`behind ${ahead.join(", ")}`] : []),
    ...(aheadInCpu.length > 0 ? [`in CPU behind ${aheadInCpu.join(", ")}`] : []),
  ].join("; ");
}

function aheadOf(
  own: Standing,
  { kind, promises, results }: Judged,
  figureOf: (standing: Standing) => number | undefined,
): string[] {
  const { contender: self } = own;
  const most = figureOf(own) ?? Number.NEGATIVE_INFINITY;
  return results
    .filter(({ contender }) => !raw.has(contender) && contender !== self && isPeer(promises, kind, contender))
    .filter((standing) => (figureOf(standing) ?? Number.POSITIVE_INFINITY) < most)
    .map(({ contender }) => `${contender}${lesser(promises, kind, contender)}`);
}

/** Says so of a peer whose bytes alone are whole: with metadata it promises less than ours. */
function lesser(promises: Promises, kind: Section["kind"], contender: string): string {
  return kind === "local" && promises.local[contender]?.atomic === "bytes only" ? " (atomic bytes only)" : "";
}

function targetText(
  { figure, microseconds = 0, cpu = { figure } }: Standing,
  target: Target | undefined,
): string[] {
  if (target === undefined) return [];
  const { microseconds: most = Number.POSITIVE_INFINITY, of } = target;
  const isMet = (of === "CPU" ? cpu.figure : figure) <= target.figure && microseconds <= most;
  const limits = [
    `${target.figure}${of ? ` of its ${of}` : ""}`,
    ...(Number.isFinite(most) ? [`${most} µs`] : []),
  ];
  return [`${isMet ? "met" : "missed"} (at most ${limits.join(", ")})`];
}
