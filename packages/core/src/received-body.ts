import type { Attempts, Opened, Sending } from "./attempts.ts";
import { failureOf } from "./failure.ts";
import { Iteration, quietly } from "./iteration.ts";
import type { Request } from "./request.ts";
import type { Body, Bytes, ReadCall, ReadResult, ResolvedRange, StorageDriver } from "./storage-driver.ts";
import { StorageError } from "./storage-error.ts";
import { IntegrityError, UnavailableError } from "./storage-errors.ts";

/** What a body is read by: the driver, the call that opened it, and what it has to be. */
export interface Reading {
  readonly driver: StorageDriver;
  readonly attempts: Attempts;
  readonly sending: Sending;
  readonly key: string;
  readonly range: ResolvedRange;
}

/**
 * The body of a read, byte for byte as long as it was promised: one that breaks off or stalls goes on
 * with Range and If-Match, one that is no longer the same object is an IntegrityError.
 */
export class ReceivedBody extends Iteration<Bytes> {
  readonly #reading: Reading;
  readonly #etag: string;
  readonly #forget: () => void;
  #opened: Opened<ReadResult>;
  #iterator: AsyncIterator<Bytes>;
  #position: number;
  #isPulling = false;

  constructor(reading: Reading, opened: Opened<ReadResult>) {
    super();
    const { scope } = reading.sending;
    this.#reading = reading;
    this.#etag = opened.value.facts.etag;
    this.#position = reading.range.start;
    this.#opened = opened;
    this.#iterator = iteratorOf(opened.value.body);
    // A pull that is under way ends by itself, once the driver has freed what it holds.
    this.#forget = scope.onAbort(() => {
      if (!this.#isPulling) this.drop({ error: this.#failure(scope.aborted?.reason) });
    });
  }

  protected async pull(): Promise<IteratorResult<Bytes>> {
    for (;;) {
      try {
        const step = await this.#step();
        if (step.done || step.value.length > 0) return step;
      } catch (cause) {
        if (this.over) throw cause;
        if (await this.#goOn(cause)) return { done: true, value: undefined };
      }
    }
  }

  async #step(): Promise<IteratorResult<Bytes>> {
    const { range, attempts } = this.#reading;
    const { request } = this.#opened;
    request.watch(attempts.idle);
    const step = await this.#settled(request);
    request.pause();
    if (!step.done) this.#position += step.value.length;
    else if (this.#position < range.end)
      throw new UnavailableError("the body ended before its announced length");
    if (this.#position > range.end) throw new IntegrityError("the body is longer than announced");
    if (step.done) this.#end();
    return step;
  }

  async #settled(request: Request): Promise<IteratorResult<Bytes>> {
    this.#isPulling = true;
    try {
      return await request.settle(this.#iterator.next());
    } finally {
      this.#isPulling = false;
    }
  }

  #failure(cause: unknown): StorageError {
    return failureOf(this.#reading.driver, "read", cause, this.#opened.request);
  }

  #end(): void {
    this.#forget();
    this.#opened.request.end();
  }

  /** Does not wait for the driver's own end: it may hang in a read that nothing answers. */
  #leave(reason: unknown): void {
    this.#opened.request.drop(reason);
    const iterator = this.#iterator;
    void quietly(() => iterator.return?.());
  }

  protected release(): void {
    this.#forget();
    this.#leave(new DOMException("The body is no longer wanted", "AbortError"));
  }

  /** Asks for the rest; true where there is none. */
  async #goOn(cause: unknown): Promise<boolean> {
    const { driver, attempts, sending, range } = this.#reading;
    const { attempt } = this.#opened;
    const failure = this.#failure(cause);
    this.#leave(failure);
    const isComplete = this.#position === range.end && failure.retryable;
    if (isComplete) {
      this.#end();
      return true;
    }
    if (!driver.features.rangeReads) throw failure;
    await attempts.pause(failure, attempt, sending.scope);
    this.#opened = await this.#reopen({ start: this.#position, end: range.end }, attempt + 1);
    this.#iterator = iteratorOf(this.#opened.value.body);
    return false;
  }

  async #reopen(range: ResolvedRange, attempt: number): Promise<Opened<ReadResult>> {
    const { driver, attempts, sending, key } = this.#reading;
    const terms: Partial<ReadCall> = { range, ifMatch: this.#etag };
    const read = (call: ReadCall): Promise<ReadResult> => driver.read(key, call);
    try {
      const opened = await attempts.open({ ...sending, terms }, read, attempt);
      const { facts, range: given = range } = opened.value;
      if (facts.etag === this.#etag && given.start === range.start) return opened;
      opened.request.drop(undefined);
    } catch (error) {
      const isGone = StorageError.is(error, "PreconditionFailed") || StorageError.is(error, "FileNotFound");
      if (!isGone) throw error;
    }
    throw new IntegrityError("the object changed while it was read");
  }
}

/** What lies in a body, piece by piece. */
export function iteratorOf(body: Body): AsyncIterator<Bytes> {
  if (body.bytes === undefined) return body.stream[Symbol.asyncIterator]();
  const left = [body.bytes];
  return {
    next: async () => {
      const value = left.pop();
      return value ? { value } : { done: true, value };
    },
  };
}
