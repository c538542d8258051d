import { abortError } from "./abort-error.ts";
import { safeCause } from "./safe-cause.ts";
import type { Classified, DriverOperation, StorageDriver } from "./storage-driver.ts";
import { type Outcome, StorageError, type StorageErrorCode } from "./storage-error.ts";
import { storageError, TimeoutError } from "./storage-errors.ts";

/** What is said where a driver's `classify` gives no hint of its own. */
const reasons: Readonly<Partial<Record<StorageErrorCode, string>>> = {
  FileNotFound: "there is no object under this key",
  PermissionDenied: "the service refuses this to our credentials",
  Unauthenticated: "the service does not accept our credentials",
  QuotaExceeded: "there is no room left",
  KeyConflict: "another object is in the way of this key",
  PreconditionFailed: "the object is not as the condition said",
  RangeNotSatisfiable: "the range starts at or past the object's end",
  TooLarge: "the object is larger than the service takes",
  Integrity: "the service received other bytes than were sent",
  BucketNotFound: "the bucket does not exist",
  Archived: "the object is archived and has to be restored first",
  RateLimited: "the service asks for fewer requests",
  Timeout: "the service ran out of time",
  Unavailable: "the service cannot be reached, or fails",
};

/** After these nobody knows whether a write took effect. */
const unclear = new Set<StorageErrorCode>(["Unavailable", "Timeout", "Aborted", "Unknown"]);
const changing = new Set<DriverOperation>(["write", "remove", "copy"]);

/** How a request came to its end, beside what it threw. */
export interface RequestEnd {
  /** Whether the driver was called at all. */
  readonly sent: boolean;
  /** Why the caller, or close, ended it; undefined while they did not. */
  readonly aborted: { readonly reason: unknown } | undefined;
  /** The milliseconds in which the service did not answer. */
  readonly timedOut: number | undefined;
}

/** The one place where what a driver threw becomes an error of ours. */
export function failureOf(
  driver: StorageDriver,
  operation: DriverOperation,
  cause: unknown,
  end: RequestEnd,
): StorageError {
  if (StorageError.is(cause) && end.aborted === undefined && end.timedOut === undefined) return cause;
  const verdict: Classified = StorageError.is(cause)
    ? cause
    : (driver.classify?.(cause, operation) ?? { code: "Unknown" });
  if (end.aborted !== undefined && !end.sent) return abortError(end.aborted.reason);
  if (end.aborted !== undefined)
    return abortError(end.aborted.reason, outcomeOf(operation, "Aborted", verdict));
  if (end.timedOut !== undefined) {
    const outcome = outcomeOf(operation, "Timeout", verdict);
    return new TimeoutError(`the service did not answer within ${end.timedOut} ms`, { outcome });
  }
  const { code, retryAfter, requestId } = verdict;
  const reason = verdict.hint ?? reasons[code] ?? "the service failed in a way that we do not know";
  const outcome = outcomeOf(operation, code, verdict);
  return storageError(code, reason, { retryAfter, requestId, outcome, cause: safeCause(cause) });
}

function outcomeOf(operation: DriverOperation, code: StorageErrorCode, verdict: Classified): Outcome {
  return verdict.outcome ?? (changing.has(operation) && unclear.has(code) ? "unknown" : "not-applied");
}
