import { killsEach } from "../kills-each.ts";
import { listingMutants } from "./metadata-and-listings.ts";

killsEach(listingMutants);
