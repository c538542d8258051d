import type { Request } from "./request.ts";
import type { Body, Bytes } from "./storage-driver.ts";

/**
 * A body on its way into a driver. While we wait for its source, neither the clock runs nor a slot is
 * held; and the source's own failure is remembered, since SDKs wrap it.
 */
export class SentBody {
  /** Of the body, taken by the driver. */
  bytes = 0;
  /** A stream of which something was taken cannot be sent again. */
  started = false;
  failure: { readonly cause: unknown } | undefined;
  readonly #body: Body;

  constructor(body: Body) {
    this.#body = body;
    this.bytes = body.bytes?.length ?? 0;
  }

  /** The body for one request; `patience` gives the milliseconds to an answer after so many bytes. */
  under(request: Request, idle: number, patience: (bytes: number) => number): Body {
    const { stream, size } = this.#body.bytes === undefined ? this.#body : {};
    if (stream === undefined) {
      request.watch(patience(this.bytes));
      return this.#body;
    }
    const iterate = (): AsyncIterator<Bytes> => {
      this.started = true;
      const iterator = stream[Symbol.asyncIterator]();
      return {
        next: async () => {
          const step = await this.#pull(iterator, request);
          await request.begin(step.done ? patience(this.bytes) : idle);
          return step;
        },
        return: async () => (await iterator.return?.()) ?? { done: true, value: undefined },
      };
    };
    return { stream: { [Symbol.asyncIterator]: iterate }, size };
  }

  async #pull(iterator: AsyncIterator<Bytes>, request: Request): Promise<IteratorResult<Bytes>> {
    request.pause();
    try {
      const step = await iterator.next();
      if (!step.done) this.bytes += step.value.length;
      return step;
    } catch (cause) {
      this.failure = { cause };
      throw cause;
    }
  }
}
