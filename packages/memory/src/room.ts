import { QuotaExceededError } from "@storage/core";

/** What objects and the parts of uploads take together, so that one `maxBytes` holds for both. */
export class Room {
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** @throws QuotaExceededError where no body of this size can stand in the place of one of the other. */
  check(size: number, replaced: number): void {
    const others = this.#bytes - replaced;
    if (others + size <= this.#maxBytes) return;
    throw new QuotaExceededError(
      `maxBytes is ${this.#maxBytes}, and other objects and parts of uploads hold ${others} of them`,
    );
  }

  take(bytes: number): void {
    this.#bytes += bytes;
  }
}
