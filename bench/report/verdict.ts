import { ours as oursInFiles, raw as rawFiles } from "../local/stores.ts";
import type { Result } from "../measure.ts";
import { ours as oursInMemory, raw as rawMap } from "../memory/stores.ts";
import type { Promises } from "../promises/promises.ts";
import type { Target } from "../row.ts";
import { isPeer } from "./promise-text.ts";

const ours = new Set([oursInFiles, oursInMemory]);
const raw = new Set([rawFiles, rawMap]);

export interface Judged {
  readonly kind: keyof Promises;
  readonly promises: Promises;
  readonly results: readonly Pick<Result, "contender" | "figure">[];
  /** Of ours; absent where the table is only for show. */
  readonly target?: Target | undefined;
}

/** Of ours: whether the target is met, and which peers that promise the same are ahead. Empty for all others. */
export function verdict(
  own: Pick<Result, "contender" | "figure"> & { readonly microseconds?: number },
  { kind, promises, results, target }: Judged,
): string {
  if (!ours.has(own.contender)) return "";
  const ahead = results.filter(
    ({ contender, figure }) =>
      !raw.has(contender) &&
      contender !== own.contender &&
      isPeer(promises, kind, contender) &&
      figure < own.figure,
  );
  const texts = ahead.map(({ contender }) => `behind ${contender}${lesser(promises, kind, contender)}`);
  return [...targetText(own, target), ...texts].join("; ");
}

/** Says so of a peer whose bytes alone are whole: with metadata it promises less than ours. */
function lesser(promises: Promises, kind: keyof Promises, contender: string): string {
  return kind === "local" && promises.local[contender]?.atomic === "bytes only" ? " (atomic bytes only)" : "";
}

function targetText(
  { figure, microseconds = 0 }: { readonly figure: number; readonly microseconds?: number },
  target: Target | undefined,
): string[] {
  if (target === undefined) return [];
  const { microseconds: most = Number.POSITIVE_INFINITY } = target;
  const isMet = figure <= target.figure && microseconds <= most;
  const limits = [`${target.figure}`, ...(Number.isFinite(most) ? [`${most} µs`] : [])];
  return [`${isMet ? "met" : "missed"} (at most ${limits.join(", ")})`];
}
