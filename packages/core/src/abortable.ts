import type { Outcome } from "./storage-error.ts";
import { AbortedError, TimeoutError } from "./storage-errors.ts";

/** TimeoutError for `AbortSignal.timeout`, AbortedError for any other reason. */
export function abortError(cause: unknown, outcome: Outcome = "not-applied"): AbortedError | TimeoutError {
  return Object(cause).name === "TimeoutError"
    ? new TimeoutError("the caller's time ran out", { cause, outcome, retryable: false })
    : new AbortedError("the call was ended", { cause, outcome });
}

export function throwIfAborted(signal: Pick<AbortSignal, "aborted" | "reason"> | undefined): void {
  if (signal?.aborted) throw abortError(signal.reason);
}

/**
 * What can be ended from outside: by the caller, by `close`, by a time-out. Listeners on an AbortSignal
 * cost more than a small put does, so that one is made only for who asks for it.
 */
export class Abortable {
  aborted = false;
  reason: unknown;
  #controller: AbortController | undefined;
  /** A new list with each change: it is short, and nothing walks over one that changes. */
  #hooks: readonly (() => void)[] = [];

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.aborted) this.#controller.abort(this.reason);
    }
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    this.#controller?.abort(reason);
    for (const hook of this.#hooks) hook();
  }

  /** Runs with the abort, once, unless `forget` takes it back: there are few at a time. */
  onAbort(hook: () => void): void {
    this.#hooks = [...this.#hooks, hook];
  }

  forget(hook: () => void): void {
    this.#hooks = this.#hooks.filter((other) => other !== hook);
  }

  /** What the promise gives, or the abort's error: some sources never answer. */
  unlessAborted<T>(promise: Promise<T>, outcome?: Outcome): Promise<T> {
    return new Promise((resolve, reject) => {
      const leave = (): void => reject(abortError(this.reason, outcome));
      // A source may abort its own put, before it hands over its promise.
      if (this.aborted) leave();
      this.onAbort(leave);
      promise.then(resolve, reject).finally(() => this.forget(leave));
    });
  }
}
