import { runConformance } from "@storage/testing";
import { describe, test } from "vitest";
import { backends } from "./backends.ts";

/** One file for each, so that they run beside each other. */
export function conforms(name: keyof typeof backends): void {
  describe(name, () => runConformance({ describe, test }, { open: backends[name] }));
}
