import type { Outcome } from "./storage-error.ts";
import { AbortedError, TimeoutError } from "./storage-errors.ts";

/** TimeoutError for `AbortSignal.timeout`, AbortedError for any other reason. */
export function abortError(reason: unknown, outcome: Outcome = "not-applied"): AbortedError | TimeoutError {
  const facts = { cause: reason, outcome };
  return nameOf(reason) === "TimeoutError"
    ? new TimeoutError("the caller's time ran out", { ...facts, retryable: false })
    : new AbortedError("the caller ended the call", facts);
}

export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw abortError(signal.reason);
}

function nameOf(reason: unknown): unknown {
  return typeof reason === "object" && reason !== null ? Reflect.get(reason, "name") : undefined;
}
