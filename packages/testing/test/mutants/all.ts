import type { Mutant } from "../mutant.ts";
import { copyMutants } from "./copies-and-conditions.ts";
import { putMutants } from "./keys-and-puts.ts";
import { otherMutants } from "./links-and-life.ts";
import { listingMutants } from "./metadata-and-listings.ts";
import { readMutants } from "./reads-and-deletes.ts";

export const allMutants: readonly Mutant[] = [
  ...putMutants,
  ...readMutants,
  ...listingMutants,
  ...copyMutants,
  ...otherMutants,
];
