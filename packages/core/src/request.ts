import type { RequestEnd } from "./failure.ts";
import type { Slots } from "./slots.ts";

/** How long a driver may take to notice that its signal has aborted, in milliseconds; then we no longer wait for it. */
const grace = 2000;

/** One request under way: its slot, its clock, and the signal that ends it. */
export class Request implements RequestEnd {
  readonly #slots: Slots;
  readonly #caller: AbortSignal;
  readonly #controller = new AbortController();
  readonly #onCallerAbort = (): void => this.#abort(this.#caller.reason);
  #holdsSlot = false;
  #clock: ReturnType<typeof setTimeout> | undefined;
  #giveUp: ((reason: unknown) => void) | undefined;
  sent = false;
  timedOut: number | undefined;
  /** A method that sends several requests of its own has handed slot and clock over to them. */
  handedOver = false;

  constructor(slots: Slots, caller: AbortSignal) {
    this.#slots = slots;
    this.#caller = caller;
    caller.addEventListener("abort", this.#onCallerAbort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get aborted(): { readonly reason: unknown } | undefined {
    return this.#caller.aborted ? { reason: this.#caller.reason } : undefined;
  }

  /** Waits for a slot, then starts the clock. */
  async begin(milliseconds: number): Promise<void> {
    this.#caller.throwIfAborted();
    if (this.handedOver) return;
    const turn = this.#slots.take(this.#caller);
    if (turn !== undefined) await turn;
    this.#holdsSlot = true;
    this.sent = true;
    this.watch(milliseconds);
  }

  /** The service has this long to answer, in milliseconds; 0 and Infinity are for ever. */
  watch(milliseconds: number): void {
    clearTimeout(this.#clock);
    if (this.handedOver || milliseconds === 0 || milliseconds === Number.POSITIVE_INFINITY) return;
    this.#clock = setTimeout(() => {
      this.timedOut = milliseconds;
      this.#abort(new DOMException("The operation timed out", "TimeoutError"));
    }, milliseconds);
  }

  /** It is not the service that we wait for: its slot is free for others meanwhile. */
  pause(): void {
    clearTimeout(this.#clock);
    if (!this.#holdsSlot) return;
    this.#holdsSlot = false;
    this.#slots.give();
  }

  handOver(): void {
    this.handedOver = true;
    this.pause();
  }

  /** What the driver does, or the abort's reason where it does not notice the abort in time. */
  settle<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#giveUp = reject;
      work.then(resolve, reject);
    });
  }

  /** Frees slot, clock and listener; a body that is left behind is ended through the signal. */
  end(): void {
    this.pause();
    this.#giveUp = undefined;
    this.#caller.removeEventListener("abort", this.#onCallerAbort);
  }

  /** Ends what the driver still holds for us. */
  drop(): void {
    this.end();
    this.#controller.abort(new DOMException("The body is no longer wanted", "AbortError"));
  }

  #abort(reason: unknown): void {
    clearTimeout(this.#clock);
    this.#clock = setTimeout(() => this.#giveUp?.(reason), grace);
    this.#controller.abort(reason);
  }
}
