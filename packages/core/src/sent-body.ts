import type { Attempts } from "./attempts.ts";
import { otherLength } from "./held-body.ts";
import { Iteration, quietly } from "./iteration.ts";
import type { Request } from "./request.ts";
import type { Body, Bytes } from "./storage-driver.ts";

/**
 * A body on its way into a driver. While we wait for its source, neither the clock runs nor a slot is
 * held; and the source's own failure is remembered, since SDKs wrap it, or take it for the end.
 */
export class SentBody {
  /** Of the body, taken by the driver. */
  bytes: number;
  /** A stream of which something was taken cannot be sent again. */
  started = false;
  /** Whether it was sent more than once. */
  wasRetried = false;
  failure: { readonly cause: unknown } | undefined;
  readonly #body: Body;
  #isComplete: boolean;

  constructor(body: Body) {
    this.#body = body;
    this.bytes = body.bytes?.length ?? 0;
    this.#isComplete = body.bytes !== undefined;
  }

  /** The body for one request. */
  under(request: Request, attempts: Attempts): Body {
    const { stream } = this.#body;
    if (!stream) return this.#body;
    let iterator: AsyncIterator<Bytes> | undefined;
    const begun = (): AsyncIterator<Bytes> => {
      this.started = true;
      iterator ??= stream[Symbol.asyncIterator]();
      return iterator;
    };
    const pull = async (): Promise<IteratorResult<Bytes>> => {
      request.pause();
      const step = await this.#pull(begun());
      await request.begin(step.done ? attempts.patience(this.bytes) : attempts.idle);
      return step;
    };
    const release = (): void => void quietly(() => begun().return?.());
    return { ...this.#body, stream: new Iteration(pull, release) };
  }

  async #pull(iterator: AsyncIterator<Bytes>): Promise<IteratorResult<Bytes>> {
    try {
      const step = await iterator.next();
      if (step.done) this.#isComplete = true;
      else this.bytes += step.value.length;
      return step;
    } catch (cause) {
      this.failure = { cause };
      throw cause;
    }
  }

  /** After the commit. @throws IntegrityError for another number of bytes, also where the source failed. */
  check(stored: number): void {
    if (stored === this.bytes && this.#isComplete) return;
    throw otherLength();
  }
}
