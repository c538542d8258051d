import { Abortable, throwIfAborted } from "./abortable.ts";
import type { Slots } from "./slots.ts";

/** The longest that timers can hold, in milliseconds: what is longer would fire at once. */
export const longestTimer: number = 2 ** 31 - 1;
/** How long a driver may take to notice that its signal has aborted, in milliseconds; then we no longer wait for it. */
const grace = 2000;

type Timer = ReturnType<typeof setTimeout> | undefined;

/** One request under way: its slot, its clock, and the signal that ends it. */
export class Request extends Abortable {
  /** What the caller, or close, may end. */
  readonly scope: Abortable;
  readonly #slots: Slots;
  readonly #onAbort = (): void => this.#stop(this.scope.reason);
  #holdsSlot = false;
  #clock: Timer;
  #graceClock: Timer;
  #giveUp: ((reason: unknown) => void) | undefined;
  /** The milliseconds in which the service did not answer. */
  timedOut: number | undefined;
  /** A method that sends several requests of its own leaves slot and clock to them. */
  handedOver: boolean;

  constructor(slots: Slots, scope: Abortable, handedOver: boolean) {
    super();
    this.#slots = slots;
    this.scope = scope;
    this.handedOver = handedOver;
    scope.onAbort(this.#onAbort);
  }

  /** Waits for a slot, then starts the clock. */
  begin(milliseconds: number): Promise<void> | undefined {
    throwIfAborted(this.scope);
    if (this.handedOver) return undefined;
    const start = (): void => {
      this.#holdsSlot = true;
      this.watch(milliseconds);
    };
    const turn = this.#slots.take(this.scope);
    if (turn !== undefined) return turn.then(start);
    start();
    return undefined;
  }

  /** The service has this long to answer, in milliseconds; 0 is for ever. */
  watch(milliseconds: number): void {
    if (this.handedOver || milliseconds === 0) return;
    const end = (): void => {
      this.timedOut = milliseconds;
      this.#stop(undefined);
    };
    this.#clock = setTimeout(end, Math.min(milliseconds, longestTimer));
  }

  /** It is not the service that we wait for: its slot is free for others meanwhile. */
  pause(): void {
    clearTimeout(this.#clock);
    if (this.#holdsSlot) this.#slots.give();
    this.#holdsSlot = false;
  }

  /** What the driver does, or the abort's reason where it does not notice the abort in time. */
  settle<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#giveUp = reject;
      work.then(resolve, reject);
    });
  }

  /** Frees slot, clocks and listener; a body that is left behind is ended through the signal. */
  end(): void {
    this.pause();
    clearTimeout(this.#graceClock);
    this.scope.forget(this.#onAbort);
  }

  /** Ends what the driver still holds for us. */
  drop(reason?: unknown): void {
    this.end();
    this.abort(reason);
    this.#giveUp?.(reason);
  }

  #stop(reason: unknown): void {
    this.#graceClock = setTimeout(() => this.#giveUp?.(reason), grace);
    this.abort(reason);
  }
}
