import { type Abortable, abortError } from "./abortable.ts";
import { failureOf } from "./failure.ts";
import { quietly } from "./iteration.ts";
import { Request } from "./request.ts";
import { Slots } from "./slots.ts";
import type { Call, DriverOperation, StorageDriver } from "./storage-driver.ts";
import type { StorageError, StorageErrorCode } from "./storage-error.ts";

/** One request, seen from outside, after its end; of a read, when its body begins. */
export interface StorageEvent {
  readonly operation: DriverOperation;
  readonly key?: string | undefined;
  /** Milliseconds, the wait for a slot and for the caller's source included. */
  readonly ms: number;
  /** Of the body that was written. */
  readonly bytes?: number | undefined;
  /** 1 for the first; more are retries, and reads that go on where one broke off. */
  readonly attempt: number;
  /** Of the error, where it failed. */
  readonly code?: StorageErrorCode | undefined;
}

/** Of every backend. */
export interface BackendOptions {
  /** Requests for one call, the first included. Default: 4. */
  readonly maxAttempts?: number | undefined;
  /** Requests at once. Default: 64. */
  readonly maxConcurrency?: number | undefined;
  /** Seconds that a link lives. Default: 3600. */
  readonly urlExpiresIn?: number | undefined;
  /** Milliseconds. Default: 5000 to connect, 30000 to an answer's head, 30000 between two chunks. 0 is for ever. */
  readonly timeouts?:
    | {
        readonly connect?: number | undefined;
        readonly headers?: number | undefined;
        readonly idle?: number | undefined;
      }
    | undefined;
  /** Called after every request, so that retries can be seen. What it throws is ignored. */
  readonly onEvent?: ((event: StorageEvent) => void) | undefined;
}

/** Milliseconds: the first retry comes within the first, no retry waits longer than the second. */
const firstDelay = 100;
const longestDelay = 5000;
/** Seconds. A service that asks for more is not waited for: the caller is told. */
const longestRetryAfter = 60;
/** A body may take a second for each of these bytes, on top of the time for an answer. */
const bytesPerSecond = 64 * 1024;

/** What a request is about, and what it may cost to send it again. */
export interface Sending {
  readonly operation: DriverOperation;
  readonly key?: string | undefined;
  readonly scope: Abortable;
  /** What the driver's call says beside the signal. */
  readonly terms: object;
  /** Of the body that is sent with it. Default: 0. */
  readonly bytes?: (() => number) | undefined;
  /** Whether it can be sent again as it was. Default: it can. */
  readonly repeatable?: ((failure: StorageError) => boolean) | undefined;
  /** Told when it is sent again. */
  readonly onRetry?: (() => void) | undefined;
  /** Many requests of its own, one after the other: it has no clock and no slot. */
  readonly isMany?: boolean | undefined;
}

/** An answer whose body may still be to come: who opened the request ends it. */
export interface Opened<T> {
  readonly value: T;
  readonly request: Request;
  /** How many there were. */
  readonly attempt: number;
}

/** Core's retries, slots, time-outs and events: the only ones there are. */
export class Attempts {
  readonly maxAttempts: number;
  /** Milliseconds between two chunks. */
  readonly idle: number;
  readonly #driver: StorageDriver;
  readonly #slots: Slots;
  readonly #headers: number;
  readonly #onEvent: BackendOptions["onEvent"];

  constructor(driver: StorageDriver, options: BackendOptions) {
    const { maxAttempts = 4, maxConcurrency = 64, timeouts = {}, onEvent } = options;
    const { headers = 30_000, idle = 30_000 } = timeouts;
    this.#driver = driver;
    this.#slots = new Slots(maxConcurrency);
    this.maxAttempts = maxAttempts;
    this.idle = idle;
    this.#headers = headers;
    this.#onEvent = onEvent;
  }

  /** Milliseconds to an answer's head, after a body of so many bytes. */
  patience(bytes: number): number {
    return this.#headers && this.#headers + (bytes / bytesPerSecond) * 1000;
  }

  /** A driver's method, or one request of several, until it succeeds or fails for good. */
  async run<T>(sending: Sending, work: (call: Call, request: Request) => Promise<T>): Promise<T> {
    const { value, request } = await this.open(sending, work);
    request.end();
    return value;
  }

  /** As `run`, for an answer whose body is still to come. */
  async open<T>(
    sending: Sending,
    work: (call: Call, request: Request) => Promise<T>,
    first: number = 1,
  ): Promise<Opened<T>> {
    for (let attempt = first; ; attempt++) {
      const request = new Request(this.#slots, sending.scope, sending.isMany === true);
      const started = this.#onEvent && performance.now();
      try {
        const turn = request.begin(this.patience(sending.bytes?.() ?? 0));
        if (turn !== undefined) await turn;
        const value = await request.settle(work(this.#callOf(sending, request), request));
        request.pause();
        this.#tell(sending, attempt, started);
        return { value, request, attempt };
      } catch (cause) {
        const failure = failureOf(this.#driver, sending.operation, cause, request);
        request.drop(failure);
        this.#tell(sending, attempt, started, failure);
        if (request.handedOver || sending.repeatable?.(failure) === false) throw failure;
        await this.pause(failure, attempt, sending.scope);
        sending.onRetry?.();
      }
    }
  }

  /** Until the next attempt: full jitter on top of what the service asked for. Throws where there is to be none. */
  async pause(failure: StorageError, attempt: number, scope: Abortable): Promise<void> {
    const { retryable, retryAfter = 0, outcome } = failure;
    if (!retryable || attempt >= this.maxAttempts || retryAfter > longestRetryAfter) throw failure;
    const jitter = Math.random() * Math.min(longestDelay, firstDelay * 2 ** (attempt - 1));
    await new Promise<void>((resolve) => {
      const end = (): void => {
        clearTimeout(clock);
        forget();
        resolve();
      };
      const clock = setTimeout(end, retryAfter * 1000 + jitter);
      const forget = scope.onAbort(end);
    });
    if (scope.aborted) throw abortError(scope.aborted.reason, outcome);
  }

  #callOf(sending: Sending, request: Request): Call {
    return {
      ...sending.terms,
      signal: request.signal,
      attempt: (single) => {
        request.handOver();
        const one = { ...sending, scope: request, terms: {}, repeatable: undefined, isMany: false };
        return this.run(one, (call) => single(call.signal));
      },
    };
  }

  #tell(sending: Sending, attempt: number, started: number | undefined, failure?: StorageError): void {
    const onEvent = this.#onEvent;
    if (!onEvent) return;
    const { operation, key, bytes } = sending;
    void quietly(() =>
      onEvent({
        operation,
        ms: performance.now() - (started ?? 0),
        attempt,
        ...(key !== undefined && { key }),
        ...(bytes && { bytes: bytes() }),
        ...(failure && { code: failure.code }),
      }),
    );
  }
}
