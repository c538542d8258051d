import { conformanceGroups } from "./groups.ts";
import { type Open, tryCase } from "./try-case.ts";

/** What the suite asks of a runner: vitest, node:test, Jest, mocha and Bun have it. */
export interface Runner {
  readonly describe: (name: string, body: () => void) => unknown;
  /** Called without parameters of its own, so that no runner takes the first one for a callback. */
  readonly test: (name: string, body: (...context: readonly unknown[]) => Promise<void>) => unknown;
}

export interface ConformanceOptions {
  /** Called for every case; what it opened is closed after it. */
  readonly open: Open;
}

/** How a test says at run time that it is skipped: vitest and node:test hand it over. */
interface SkippingContext {
  skip?: (reason: string) => unknown;
}

/**
 * Registers every case of the suite with a runner. What a backend does not claim to do is skipped, with
 * the reason, where the runner's context can skip; elsewhere such a case passes.
 *
 * @example
 * import { describe, test } from "vitest";
 * runConformance({ describe, test }, { open: () => new MemoryBackend() });
 */
export function runConformance({ describe, test }: Runner, { open }: ConformanceOptions): void {
  for (const { name, cases } of conformanceGroups) {
    describe(name, () => {
      for (const one of cases) {
        test(one.name, async (...context: readonly unknown[]) => {
          const { skipped } = await tryCase(one, open);
          const { skip } = Object(context[0]) as SkippingContext;
          if (skipped !== undefined) skip?.call(context[0], skipped);
        });
      }
    });
  }
}
