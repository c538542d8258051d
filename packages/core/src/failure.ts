import { abortError } from "./abortable.ts";
import type { Request } from "./request.ts";
import { safeCause } from "./safe-cause.ts";
import type { Classified, DriverOperation, StorageDriver } from "./storage-driver.ts";
import { StorageError, type StorageErrorFacts } from "./storage-error.ts";
import { storageError, TimeoutError } from "./storage-errors.ts";

/** After these nobody knows whether a write took effect. */
const unclear = /^(Unavailable|Timeout|Aborted|Unknown)$/;
const changing = /^(write|remove|copy)$/;

/** The same error, told of what the caller called; what is no error of ours comes from a layer or an adapter. */
export function dressed(error: unknown, subject: StorageErrorFacts): StorageError {
  const ours = StorageError.is(error)
    ? error
    : new StorageError("a layer or an adapter failed", { cause: safeCause(error) });
  return storageError(ours.code, ours.reason, { ...ours, cause: ours.cause, ...subject });
}

/** The one place where what a driver threw becomes an error of ours. */
export function failureOf(
  driver: StorageDriver,
  operation: DriverOperation,
  cause: unknown,
  request?: Request,
): StorageError {
  const { timedOut, scope } = request ?? {};
  const { aborted, reason } = scope ?? {};
  const isOurs = StorageError.is(cause);
  if (isOurs && !aborted && !timedOut) return cause;
  const verdict = (isOurs ? cause : driver.classify?.(cause, operation)) ?? { code: "Unknown" };
  const { code, hint, retryAfter, requestId } = verdict as Classified;
  const isUnclear = changing.test(operation) && (aborted || timedOut || unclear.test(code));
  const { outcome = isUnclear ? "unknown" : "not-applied" } = verdict as Classified;
  if (aborted) return abortError(reason, outcome);
  if (timedOut) return new TimeoutError(`no answer came within ${timedOut} ms`, { outcome });
  const facts = { retryAfter, requestId, outcome, cause: safeCause(cause) };
  return storageError(code, hint ?? `the service answered ${code}`, facts);
}

/** What the promise gives; undefined where there is no object. */
export async function orMissing<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (StorageError.is(error, "FileNotFound")) return undefined;
    throw error;
  }
}
