import type { ConformanceCase, ConformanceGroup } from "./conformance-case.ts";
import { conformanceGroups } from "./groups.ts";
import { type Open, tryCase } from "./try-case.ts";

/** What became of one case. */
export interface ConformanceResult {
  readonly group: string;
  readonly name: string;
  /** Why it did not apply. */
  readonly skipped?: string | undefined;
  readonly failure?: { readonly error: unknown } | undefined;
}

export interface CheckOptions {
  /** Called for every case; what it opened is closed after it. */
  readonly open: Open;
  /** What is tried. Default: the whole suite. */
  readonly groups?: readonly ConformanceGroup[] | undefined;
  /** Cases at once. Default: 1. */
  readonly concurrency?: number | undefined;
}

/** The whole suite without a runner: for tables, and for tests of the suite itself. */
export async function checkConformance({
  open,
  concurrency = 1,
  groups = conformanceGroups,
}: CheckOptions): Promise<ConformanceResult[]> {
  const cases = groups.flatMap(({ name, cases: those }) => those.map((one) => ({ group: name, one })));
  const results: ConformanceResult[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let at = next++; at < cases.length; at = next++) {
      const found = cases[at];
      if (found)
        results[at] = { group: found.group, name: found.one.name, ...(await resultOf(found.one, open)) };
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return results;
}

async function resultOf(
  one: ConformanceCase,
  open: Open,
): Promise<Omit<ConformanceResult, "group" | "name">> {
  try {
    return await tryCase(one, open);
  } catch (error) {
    return { failure: { error } };
  }
}
