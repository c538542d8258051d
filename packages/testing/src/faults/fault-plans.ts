import { InvalidArgumentError } from "@storage/core";
import { checkFault } from "./check-fault.ts";
import type { Fault } from "./fault.ts";
import type { SeenRequest } from "./seen-request.ts";

/** Which requests a fault is for. */
export interface PlanTerms {
  /** Default: every request. It is not asked about connections. */
  readonly match?: ((request: SeenRequest) => boolean) | undefined;
  /** The first that meets it: the nth, from now on, of those that match. Default: 1. */
  readonly nth?: number | undefined;
  /** How many meet it, one after the other; Infinity for all that come. Default: 1. */
  readonly times?: number | undefined;
}

export interface FaultPlan {
  readonly fault: Fault;
  /** How many have met it. */
  readonly met: number;
  /** No further request meets it. */
  cancel(): void;
}

class Plan implements FaultPlan {
  readonly fault: Fault;
  readonly isOfConnections: boolean;
  met = 0;
  #matched = 0;
  #left: number;
  readonly #nth: number;
  readonly #match: (request: SeenRequest) => boolean;

  constructor(fault: Fault, { match = () => true, nth = 1, times = 1 }: PlanTerms) {
    this.fault = fault;
    this.isOfConnections = "at" in fault && fault.at === "connect";
    this.#match = match;
    this.#nth = nth;
    this.#left = times;
  }

  cancel(): void {
    this.#left = 0;
  }

  /** Counts one, and tells whether its turn has come. */
  isDue(request: SeenRequest | undefined): boolean {
    if (request !== undefined && !this.#match(request)) return false;
    this.#matched++;
    return this.#matched >= this.#nth && this.#left > 0;
  }

  meet(): Fault {
    this.met++;
    this.#left--;
    return this.fault;
  }
}

/** What is planned, in the order in which it was: of several that are due, the first is met, the others wait. */
export class FaultPlans {
  readonly #plans: Plan[] = [];

  add(fault: Fault, terms: PlanTerms): FaultPlan {
    checkFault(fault);
    const { nth = 1, times = 1 } = terms;
    if (!Number.isSafeInteger(nth) || nth < 1) throw new InvalidArgumentError("nth is a whole number from 1");
    if (!(times === Infinity || Number.isSafeInteger(times)) || times < 1)
      throw new InvalidArgumentError("times is a whole number from 1, or Infinity");
    const plan = new Plan(fault, terms);
    if (plan.isOfConnections && terms.match !== undefined)
      throw new InvalidArgumentError('a fault at "connect" comes before any request that could match');
    this.#plans.push(plan);
    return plan;
  }

  forConnection(): Fault | undefined {
    return this.#next(true, undefined);
  }

  forRequest(request: SeenRequest): Fault | undefined {
    return this.#next(false, request);
  }

  #next(isOfConnections: boolean, request: SeenRequest | undefined): Fault | undefined {
    const due = this.#plans
      .filter((plan) => plan.isOfConnections === isOfConnections)
      .filter((plan) => plan.isDue(request));
    return due[0]?.meet();
  }
}
