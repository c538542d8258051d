import { checkConformance, conformanceGroups } from "@storage/testing";
import { expect, test } from "vitest";
import type { Mutant } from "./mutant.ts";

/** With STORAGE_TEST_EVERY_CASE, as in CI, a mutant meets the whole suite; else the group of the case that kills it. */
const everyCase = process.env.STORAGE_TEST_EVERY_CASE !== undefined;

/** A mutant fails one case, and no other: with that one taken out, it would live. */
export function killsEach(mutants: readonly Mutant[]): void {
  test.concurrent.each(mutants)(
    "a backend where $name breaks one promise",
    async ({ killedBy, open }) => {
      const groups = conformanceGroups.filter(
        ({ cases }) => everyCase || cases.some(({ name }) => name === killedBy),
      );
      const results = await checkConformance({ open, groups, concurrency: 30 });
      expect(results.filter(({ failure }) => failure).map(({ name }) => name)).toEqual([killedBy]);
    },
    240_000,
  );
}
