import { checkConformance } from "@storage/testing";
import { expect, test } from "vitest";
import type { Mutant } from "./mutant.ts";

/** A mutant fails one case, and no other: with that one taken out, it would live. */
export function killsEach(mutants: readonly Mutant[]): void {
  test.concurrent.each(mutants)(
    "a backend where $name breaks one promise",
    async ({ killedBy, open }) => {
      const results = await checkConformance({ open, concurrency: 30 });
      expect(results.filter(({ failure }) => failure).map(({ name }) => name)).toEqual([killedBy]);
    },
    240_000,
  );
}
