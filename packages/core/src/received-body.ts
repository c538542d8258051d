import type { Attempts, Opened, Sending } from "./attempts.ts";
import { iteratorOf } from "./caller-items.ts";
import { failureOf } from "./failure.ts";
import { otherLength } from "./held-body.ts";
import { ended, Iteration, quietly } from "./iteration.ts";
import type { Body, Bytes, ReadCall, ReadResult, ResolvedRange } from "./storage-driver.ts";
import type { StorageError } from "./storage-error.ts";
import { IntegrityError, UnavailableError } from "./storage-errors.ts";

/**
 * The body of a read, byte for byte as long as it was promised: one that breaks off or stalls goes on
 * with Range and If-Match, one that is no longer the same object is an IntegrityError.
 */
export class ReceivedBody {
  readonly stream: Iteration<Bytes> = new Iteration(
    () => this.#pull(),
    () => this.#release(),
  );
  readonly #attempts: Attempts;
  readonly #sending: Sending;
  readonly #etag: string;
  readonly #end: number;
  /** A pull that is under way ends by itself, once the driver has freed what it holds. */
  readonly #onAbort = (): void => {
    if (!this.#isPulling) this.stream.drop({ error: this.#failure(this.#sending.scope.reason) });
  };
  #position: number;
  #opened: Opened<ReadResult>;
  #iterator: ReturnType<typeof iteratorOf<Bytes>>;
  #isPulling = false;

  constructor(attempts: Attempts, sending: Sending, opened: Opened<ReadResult>, range: ResolvedRange) {
    const { scope } = sending;
    this.#attempts = attempts;
    this.#sending = sending;
    this.#etag = opened.value.facts.etag;
    this.#position = range.start;
    this.#end = range.end;
    this.#opened = opened;
    this.#iterator = iteratorOf(piecesOf(opened.value.body));
    scope.onAbort(this.#onAbort);
  }

  async #pull(): Promise<IteratorResult<Bytes>> {
    this.#isPulling = true;
    try {
      for (;;) {
        const step = await this.#step().catch((cause) => this.#goOn(cause));
        if (step && (step.done || step.value.length > 0)) return step;
      }
    } finally {
      this.#isPulling = false;
    }
  }

  async #step(): Promise<IteratorResult<Bytes>> {
    const { request } = this.#opened;
    request.watch(this.#attempts.idle);
    const step = await request.settle(Promise.resolve(this.#iterator.next()));
    request.pause();
    this.#position += step.value?.length ?? 0;
    if (this.#position > this.#end) throw otherLength();
    if (!step.done) return step;
    if (this.#position < this.#end) throw new UnavailableError("the body broke off");
    request.end();
    this.#sending.scope.forget(this.#onAbort);
    return step;
  }

  #failure(cause: unknown): StorageError {
    return failureOf(this.#attempts.driver, "read", cause, this.#opened.request);
  }

  #release(): void {
    this.#sending.scope.forget(this.#onAbort);
    this.#leave();
  }

  /** Does not wait for the driver's own end: it may hang in a read that nothing answers. */
  #leave(): void {
    const iterator = this.#iterator;
    this.#opened.request.drop();
    void quietly(() => iterator.return?.());
  }

  /** Either the end, where all was there and only that was not heard, or another answer to read on from. */
  async #goOn(cause: unknown): Promise<IteratorReturnResult<undefined> | undefined> {
    if (this.stream.over) throw cause;
    const failure = this.#failure(cause);
    if (this.#position === this.#end && failure.retryable) {
      this.#release();
      return ended;
    }
    if (!this.#attempts.driver.features.rangeReads) throw failure;
    const { attempt } = this.#opened;
    this.#leave();
    await this.#attempts.pause(failure, attempt, this.#sending.scope);
    this.#opened = await this.#reopen(attempt + 1);
    this.#iterator = iteratorOf(piecesOf(this.#opened.value.body));
    return undefined;
  }

  async #reopen(attempt: number): Promise<Opened<ReadResult>> {
    const { driver } = this.#attempts;
    const { key = "" } = this.#sending;
    const range = { start: this.#position, end: this.#end };
    const sending = { ...this.#sending, terms: { range, ifMatch: this.#etag } };
    try {
      const opened = await this.#attempts.open(
        sending,
        (call: ReadCall) => driver.read(key, call),
        (it) => it,
        attempt,
      );
      const { facts, range: given = range } = opened.value;
      if (facts.etag === this.#etag && given.start === range.start) return opened;
      opened.request.drop();
    } catch (error) {
      if (!/^(PreconditionFailed|FileNotFound)$/.test((error as StorageError).code)) throw error;
    }
    throw new IntegrityError("the object changed while it was read");
  }
}

/** What lies in a body, piece by piece. */
export const piecesOf = (body: Body): AsyncIterable<Bytes> | readonly Bytes[] => body.stream ?? [body.bytes];
