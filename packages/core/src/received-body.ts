import type { Attempts, Sending } from "./attempts.ts";
import type { Request } from "./request.ts";
import type { Body, Bytes, ReadCall, ReadResult, ResolvedRange, StorageDriver } from "./storage-driver.ts";
import { StorageError } from "./storage-error.ts";
import { IntegrityError, UnavailableError } from "./storage-errors.ts";

/** What a body is read by: the driver, the call that opened it, and what it has to be. */
export interface Reading {
  readonly driver: StorageDriver;
  readonly attempts: Attempts;
  readonly sending: Sending & { readonly key: string };
  readonly etag: string;
  readonly range: ResolvedRange;
}

/**
 * The body of a read, byte for byte as long as it was promised: one that breaks off or stalls goes on
 * with Range and If-Match, one that is no longer the same object is an IntegrityError.
 */
export class ReceivedBody implements AsyncIterable<Bytes>, AsyncIterator<Bytes> {
  readonly #reading: Reading;
  #iterator: AsyncIterator<Bytes>;
  #request: Request;
  #position: number;
  #attempt = 1;
  #ended = false;

  constructor(reading: Reading, body: Body, request: Request) {
    this.#reading = reading;
    this.#position = reading.range.start;
    this.#iterator = iteratorOf(body);
    this.#request = request;
  }

  [Symbol.asyncIterator](): AsyncIterator<Bytes> {
    return this;
  }

  async next(): Promise<IteratorResult<Bytes>> {
    while (!this.#ended) {
      try {
        const step = await this.#pull();
        if (step.done) this.#finish();
        else if (step.value.length > 0) return step;
      } catch (cause) {
        await this.#resume(cause);
      }
    }
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<Bytes>> {
    if (!this.#ended) this.#drop();
    return { done: true, value: undefined };
  }

  async #pull(): Promise<IteratorResult<Bytes>> {
    const { range, attempts } = this.#reading;
    this.#request.watch(attempts.idle);
    const step = await this.#request.settle(this.#iterator.next());
    this.#request.pause();
    if (!step.done) this.#position += step.value.length;
    else if (this.#position < range.end)
      throw new UnavailableError("the body ended before its announced length");
    if (this.#position > range.end) throw new IntegrityError("the body is longer than announced");
    return step;
  }

  #finish(): void {
    this.#ended = true;
    this.#request.end();
  }

  /** Does not wait for the driver's own end: it may hang in a read that nothing answers. */
  #drop(): void {
    this.#ended = true;
    this.#request.drop();
    release(this.#iterator);
  }

  async #resume(cause: unknown): Promise<void> {
    const { driver, attempts, sending, etag, range } = this.#reading;
    const failure = attempts.failure("read", cause, this.#request);
    this.#drop();
    if (!driver.features.rangeReads || this.#attempt >= attempts.maxAttempts) throw failure;
    if (!(await attempts.pauseAfter(failure, this.#attempt, sending.call.signal))) throw failure;
    this.#attempt++;
    const rest = { start: this.#position, end: range.end };
    const { value, request } = await this.#reopen({ range: rest, ifMatch: etag });
    this.#iterator = iteratorOf(value.body);
    this.#request = request;
    this.#ended = false;
  }

  async #reopen(
    conditions: Pick<ReadCall, "range" | "ifMatch">,
  ): Promise<{ value: ReadResult; request: Request }> {
    const { driver, attempts, sending } = this.#reading;
    try {
      return await attempts.open(sending, (call) => driver.read(sending.key, { ...call, ...conditions }));
    } catch (error) {
      const changed = StorageError.is(error, "PreconditionFailed") || StorageError.is(error, "FileNotFound");
      throw changed ? new IntegrityError("the object changed while it was read", { cause: error }) : error;
    }
  }
}

function iteratorOf(body: Body): AsyncIterator<Bytes> {
  if (body.bytes === undefined) return body.stream[Symbol.asyncIterator]();
  const pieces = [body.bytes];
  return { next: async () => ({ done: false, value: pieces.shift() ?? new Uint8Array() }) };
}

/** What goes wrong while a body is thrown away changes nothing any more. */
function release(iterator: AsyncIterator<Bytes>): void {
  iterator.return?.().catch(() => {});
}
