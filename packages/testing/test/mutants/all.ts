import type { Mutant } from "../mutant.ts";
import { copyMutants } from "./copies-and-conditions.ts";
import { kindMutants } from "./every-kind.ts";
import { putMutants } from "./keys-and-puts.ts";
import { otherMutants } from "./links-and-life.ts";
import { listingMutants } from "./metadata-and-listings.ts";
import { readMutants } from "./reads-and-deletes.ts";
import { toldMutants } from "./told-and-listed.ts";

export const allMutants: readonly Mutant[] = [
  ...putMutants,
  ...readMutants,
  ...listingMutants,
  ...copyMutants,
  ...otherMutants,
  ...kindMutants,
  ...toldMutants,
];
