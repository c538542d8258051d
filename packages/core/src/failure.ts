import { type Abortable, abortError } from "./abortable.ts";
import { safeCause } from "./safe-cause.ts";
import type { Classified, DriverOperation, StorageDriver } from "./storage-driver.ts";
import { StorageError, type StorageErrorCode } from "./storage-error.ts";
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
const unclear: readonly StorageErrorCode[] = ["Unavailable", "Timeout", "Aborted", "Unknown"];
const unknown: Classified = { code: "Unknown" };
const changing: readonly DriverOperation[] = ["write", "remove", "copy"];

/** How a request came to its end, beside what it threw. */
export interface RequestEnd {
  /** Whether the driver was called at all. */
  readonly sent: boolean;
  /** What the caller, or close, may have ended. */
  readonly scope: Abortable;
  /** The milliseconds in which the service did not answer. */
  readonly timedOut: number | undefined;
}

/** The one place where what a driver threw becomes an error of ours. */
export function failureOf(
  driver: StorageDriver,
  operation: DriverOperation,
  cause: unknown,
  end?: RequestEnd,
): StorageError {
  const { timedOut, sent = true, scope } = end ?? {};
  const aborted = scope?.aborted;
  const isOurs = StorageError.is(cause);
  if (isOurs && !aborted && !timedOut) return cause;
  const verdict = (isOurs ? cause : driver.classify?.(cause, operation)) ?? unknown;
  const { code, hint, retryAfter, requestId } = verdict as Classified;
  const isUnclear = sent && changing.includes(operation) && (aborted || timedOut || unclear.includes(code));
  const outcome = verdict.outcome ?? (isUnclear ? "unknown" : "not-applied");
  if (aborted) return abortError(aborted.reason, outcome);
  if (timedOut) return new TimeoutError(`the service gave no answer within ${timedOut} ms`, { outcome });
  const reason = hint ?? reasons[code] ?? "the service failed in a way that we do not know";
  return storageError(code, reason, { retryAfter, requestId, outcome, cause: safeCause(cause) });
}
