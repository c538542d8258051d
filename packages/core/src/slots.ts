import type { Abortable } from "./abortable.ts";

/** At most so many requests at once; the others wait in line. */
export class Slots {
  #free: number;
  readonly #line = new Set<() => void>();

  constructor(count: number) {
    this.#free = count;
  }

  /** Undefined where a slot is free at once; rejects with the abort's error. */
  take(scope: Abortable): Promise<void> | undefined {
    if (this.#free > 0) {
      this.#free--;
      return undefined;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#line.add(resolve);
    return scope.unlessAborted(promise).catch((error) => {
      // Who leaves as its turn comes passes the slot on.
      if (!this.#line.delete(resolve)) this.give();
      throw error;
    });
  }

  give(): void {
    const { value: next } = this.#line.values().next();
    if (next === undefined) {
      this.#free++;
      return;
    }
    this.#line.delete(next);
    next();
  }
}
