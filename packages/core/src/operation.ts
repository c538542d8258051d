import { Abortable, throwIfAborted } from "./abortable.ts";
import { type Answer, type Arguments, type CallName, methodOf, type Terms } from "./driver-calls.ts";
import type { Leaf } from "./leaf.ts";
import type { Call, StorageDriver } from "./storage-driver.ts";

/** One call of a backend's method, from its checks to its end: the caller's signal and the backend's close in one. */
export class Operation extends Abortable {
  readonly #driver: StorageDriver;
  readonly #leaf: Leaf | undefined;
  #unlink: (() => void) | undefined;
  /** Whether it goes on after its method, as the body does that `open` gives. */
  isHeld = false;
  /** Among those that are under way. */
  place = 0;
  /** Whether all checks are over: what was handed over is ours from then on. */
  hasBegun = false;

  /** A layer has no leaf: what its driver calls has retries and all that already. */
  constructor(driver: StorageDriver, leaf: Leaf | undefined) {
    super();
    this.#driver = driver;
    this.#leaf = leaf;
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
    if (this.#leaf) return this.#leaf.run(this, name, args, terms);
    return methodOf(this.#driver, name)(...args, this.#call(terms)) as Answer<Name>;
  }

  /** Signing that takes I/O. */
  sign(key: string, work: (call: Call) => Promise<string>): Promise<string> {
    return this.#leaf ? this.#leaf.sign(this, key, work) : work(this.#call());
  }

  /** What a driver's method is given. */
  #call(terms?: object): Call {
    return { ...terms, signal: this.signal, attempt: (request) => request(this.signal) };
  }
}
