import type { ConformanceGroup } from "./conformance-case.ts";
import { aborts } from "./groups/aborts.ts";
import { concurrency } from "./groups/concurrency.ts";
import { conditions } from "./groups/conditions.ts";
import { copies } from "./groups/copies.ts";
import { deletes } from "./groups/deletes.ts";
import { errors } from "./groups/errors.ts";
import { folding } from "./groups/folding.ts";
import { keys } from "./groups/keys.ts";
import { lacking } from "./groups/lacking.ts";
import { lifecycle } from "./groups/lifecycle.ts";
import { links, linkTerms, noLinks } from "./groups/links.ts";
import { listings } from "./groups/listings.ts";
import { metadata } from "./groups/metadata.ts";
import { pages } from "./groups/pages.ts";
import { puts } from "./groups/puts.ts";
import { ranges } from "./groups/ranges.ts";
import { reads } from "./groups/reads.ts";
import { terms } from "./groups/terms.ts";
import { transfers } from "./groups/transfers.ts";
import { otherUploads, uploadKinds, uploads, uploadTerms } from "./groups/uploads.ts";

/** Every promise of the contract that can be tried on any backend. */
export const conformanceGroups: readonly ConformanceGroup[] = [
  keys,
  puts,
  terms,
  reads,
  ranges,
  deletes,
  metadata,
  listings,
  pages,
  folding,
  transfers,
  copies,
  conditions,
  links,
  linkTerms,
  noLinks,
  uploads,
  uploadTerms,
  uploadKinds,
  otherUploads,
  aborts,
  errors,
  concurrency,
  lifecycle,
  lacking,
];
