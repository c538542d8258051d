import { type Abortable, abortError } from "./abortable.ts";

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
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#line.delete(enter);
        reject(abortError(scope.aborted?.reason));
      };
      const enter = (): void => {
        scope.forget(leave);
        resolve();
      };
      scope.onAbort(leave);
      this.#line.add(enter);
    });
  }

  give(): void {
    const [next] = this.#line;
    if (next === undefined) {
      this.#free++;
      return;
    }
    this.#line.delete(next);
    next();
  }
}
