import type { Break, Fault } from "./fault.ts";
import type { Framing } from "./http-head.ts";

/** Whether the target hears of the request. */
export function isPassedOn(fault: Fault | undefined): boolean {
  switch (fault?.kind) {
    case "reset":
    case "end":
    case "stall":
      return typeof fault.at === "object";
    case "answer":
      return fault.passOn ?? false;
    case "redirect":
    case "garbage":
      return false;
    default:
      return true;
  }
}

/** How an answer ends that was begun under a fault; undefined: as the target ends it. */
export function breakAfter(fault: Fault | undefined, framing: Framing): Break | undefined {
  if (fault?.kind === "truncate") return framing.kind === "until-close" ? undefined : "end";
  return fault?.kind === "reset" || fault?.kind === "end" || fault?.kind === "stall" ? fault.kind : undefined;
}
