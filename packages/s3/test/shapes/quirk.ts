import type { ObjectStore } from "./object-store.ts";
import type { Reply } from "./replies.ts";
import type { ShapeRequest } from "./requests.ts";

/** What one service does otherwise than the S3 that `shape-server.ts` speaks, and who says so. */
export interface Quirk {
  readonly name: string;
  /** The provider's page, or the public issue in which somebody met it. */
  readonly source: string;
  /** A few words of it, by which the place is found again. */
  readonly quote: string;
  /** Undefined: this request is not concerned. */
  answers(request: ShapeRequest, store: ObjectStore): Reply | undefined;
}

/** A quirk that refuses some requests and leaves the others alone. */
export function refusal(
  facts: Pick<Quirk, "name" | "source" | "quote">,
  concerns: (request: ShapeRequest, store: ObjectStore) => boolean,
  reply: (request: ShapeRequest, store: ObjectStore) => Reply,
): Quirk {
  return {
    ...facts,
    answers: (request, store) => (concerns(request, store) ? reply(request, store) : undefined),
  };
}

/** A reply to whatever is asked: for `ShapeServer.strike`. */
export function moment(facts: Pick<Quirk, "name" | "source" | "quote">, reply: () => Reply): Quirk {
  return refusal(facts, () => true, reply);
}
