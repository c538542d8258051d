import { throwIfAborted } from "./abort-error.ts";
import type { Call } from "./storage-driver.ts";

/** One call of a backend's method, from its checks to its end: the caller's signal and the backend's close in one. */
export class Operation implements Call {
  readonly #controller = new AbortController();
  #unlink: (() => void) | undefined;

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The checks are over and I/O may start, unless the caller has changed its mind already. */
  begin(signal: AbortSignal | undefined): void {
    throwIfAborted(this.signal);
    throwIfAborted(signal);
    if (signal === undefined) return;
    const abort = (): void => this.abort(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    this.#unlink = () => signal.removeEventListener("abort", abort);
  }

  abort(reason: unknown): void {
    this.#controller.abort(reason);
  }

  /** Leaves no listener on the caller's signal. */
  end(): void {
    this.#unlink?.();
  }

  attempt<T>(request: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return request(this.signal);
  }

  /** What a driver's method is given. */
  call<Extra extends object>(extra: Extra): Call & Extra {
    return { signal: this.signal, attempt: (request) => this.attempt(request), ...extra };
  }
}
