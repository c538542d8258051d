import { InvalidArgumentError } from "@storage/core";
import type { BreakPoint, Fault } from "./fault.ts";

const isCount = (value: unknown, least = 0, most: number = Number.MAX_SAFE_INTEGER): boolean =>
  Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most;

function isPoint(at: BreakPoint): boolean {
  if (typeof at === "string") return at === "connect" || at === "head";
  if ("upload" in at) return isCount(at.upload);
  return "bytes" in at ? isCount(at.bytes) : at.share >= 0 && at.share <= 1;
}

const statuses: readonly number[] = [301, 302, 307, 308];

function isFault(fault: Fault): boolean {
  switch (fault.kind) {
    case "reset":
    case "end":
    case "stall":
      return isPoint(fault.at);
    case "drip":
      return isCount(fault.bytes, 1) && isCount(fault.every);
    case "truncate":
      return isCount(fault.bytes ?? 1, 1);
    case "flip":
      return isCount(fault.byte) && isCount(fault.bit ?? 0, 0, 7);
    case "answer":
      return isCount(fault.status, 200, 599);
    case "redirect":
      return statuses.includes(fault.status);
    case "lost-reply":
    case "garbage":
      return true;
    default:
      return false;
  }
}

/** A mistyped fault would leave requests untouched, and a test green: InvalidArgumentError. */
export function checkFault(fault: Fault): void {
  if (!isFault(fault)) throw new InvalidArgumentError(`${JSON.stringify(fault)} is no fault`);
}
