import { Abortable, throwIfAborted } from "./abortable.ts";
import { type Answer, type Arguments, type CallName, methodOf, type Terms } from "./driver-calls.ts";
import type { Call, StorageDriver } from "./storage-driver.ts";

/** How the methods of a driver are called: as they are, or, for a leaf, with retries and all that. */
export interface Engine {
  run<Name extends CallName>(
    operation: Operation,
    name: Name,
    args: Arguments<Name>,
    terms: Terms<Name>,
  ): Answer<Name>;
  /** Signing that takes I/O. */
  sign(operation: Operation, key: string, work: (call: Call) => Promise<string>): Promise<string>;
}

/** Of a layer: what its driver calls has all that already. */
export function plainEngine(driver: StorageDriver): Engine {
  return {
    run: (operation, name, args, terms) =>
      methodOf(driver, name)(...args, operation.call(terms)) as Answer<typeof name>,
    sign: (operation, _, work) => work(operation.call({})),
  };
}

/** One call of a backend's method, from its checks to its end: the caller's signal and the backend's close in one. */
export class Operation extends Abortable {
  readonly #engine: Engine;
  #unlink: (() => void) | undefined;
  /** Whether it goes on after its method, as the body does that `open` gives. */
  isHeld = false;
  /** Whether all checks are over: what was handed over is ours from then on. */
  hasBegun = false;

  constructor(engine: Engine) {
    super();
    this.#engine = engine;
  }

  /** The checks are over and I/O may start, unless the caller has changed its mind already. */
  begin(signal: AbortSignal | undefined): void {
    this.hasBegun = true;
    throwIfAborted(signal);
    if (signal === undefined) return;
    const abort = (): void => this.abort(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    this.#unlink = () => signal.removeEventListener("abort", abort);
  }

  /** Leaves no listener on the caller's signal. */
  end(): void {
    this.#unlink?.();
  }

  run<Name extends CallName>(name: Name, args: Arguments<Name>, terms: Terms<Name>): Answer<Name> {
    return this.#engine.run(this, name, args, terms);
  }

  sign(key: string, work: (call: Call) => Promise<string>): Promise<string> {
    return this.#engine.sign(this, key, work);
  }

  /** What a driver's method is given. */
  call<Terms extends object>(terms: Terms): Call & Terms {
    return { ...terms, signal: this.signal, attempt: (request) => request(this.signal) };
  }
}
