import type { Abortable } from "./abortable.ts";
import { dressed, failureOf } from "./failure.ts";
import { quietly } from "./iteration.ts";
import { Request } from "./request.ts";
import type { SentBody } from "./sent-body.ts";
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
  readonly terms?: object | undefined;
  /** The body that is sent with it: once something of a stream was taken, it can't be sent again. */
  readonly sent?: SentBody | undefined;
  /** Of one of several requests: how many bytes go with it. */
  readonly partBytes?: number | undefined;
  /** Whether it may be sent again only where it surely took no effect. */
  readonly isUnique?: boolean | undefined;
  /** Whether an earlier try may have taken effect, which no later one undoes. */
  readonly isUnclear?: boolean | undefined;
}

/** An answer whose body may still be to come: who opened the request ends it. */
export interface Opened<T> {
  readonly value: T;
  readonly request: Request;
  /** How many there were. */
  readonly attempt: number;
}

/** A sweep is as long as it takes; each of its requests is like any other. */
const hasOwnRequests = ({ operation, partBytes }: Sending): boolean =>
  operation === "sweep" && partBytes === undefined;

/** Core's retries, slots, time-outs and events: the only ones there are. */
export class Attempts {
  readonly driver: StorageDriver;
  readonly maxAttempts: number;
  /** Milliseconds between two chunks. */
  readonly idle: number;
  readonly #headers: number;
  readonly #slots: Slots;
  readonly #onEvent: BackendOptions["onEvent"];

  constructor(driver: StorageDriver, options: BackendOptions) {
    const { maxAttempts = 4, maxConcurrency = 64, timeouts = {}, onEvent } = options;
    const { headers = 30_000, idle = 30_000 } = timeouts;
    this.driver = driver;
    this.maxAttempts = maxAttempts;
    this.idle = idle;
    this.#headers = headers;
    this.#slots = new Slots(maxConcurrency);
    this.#onEvent = onEvent;
  }

  /** Milliseconds to an answer's head, after a body of so many bytes. */
  patience(bytes: number): number {
    return this.#headers && this.#headers + (bytes / bytesPerSecond) * 1000;
  }

  /** A driver's method, or one request of several, until it succeeds or fails for good. */
  attempt<T>(
    sending: Sending,
    work: (call: Call, request: Request) => Promise<T>,
    check?: (value: T) => void,
  ): Promise<T> {
    return this.open(sending, work, ({ value, request }) => {
      request.end();
      check?.(value);
      return value;
    });
  }

  /** The same, for an answer whose body is still to come: `accept` has to end the request. */
  async open<T, Accepted>(
    sending: Sending,
    work: (call: Call, request: Request) => Promise<T>,
    accept: (opened: Opened<T>) => Accepted,
    attempt: number = 1,
  ): Promise<Accepted> {
    const { scope, sent, isUnique, partBytes } = sending;
    const request = new Request(this.#slots, scope, hasOwnRequests(sending));
    const started = this.#onEvent ? performance.now() : 0;
    let value: T;
    try {
      const turn = request.begin(this.patience(partBytes ?? sent?.bytes ?? 0));
      if (turn !== undefined) await turn;
      value = await request.settle(work(this.#callOf(sending, request), request));
    } catch (cause) {
      const failure = this.#failureOf(sending, cause, request);
      request.drop(failure);
      this.#tell(sending, attempt, started, failure);
      const isOnce =
        (sent?.started && partBytes === undefined) || (isUnique && failure.outcome === "unknown");
      if (request.handedOver || isOnce) throw failure;
      await this.pause(failure, attempt, scope);
      if (sent) sent.wasRetried = true;
      const next = { ...sending, isUnclear: failure.outcome === "unknown" };
      return await this.open(next, work, accept, attempt + 1);
    }
    request.pause();
    this.#tell(sending, attempt, started);
    return accept({ value, request, attempt });
  }

  #failureOf({ operation, isUnclear }: Sending, cause: unknown, request: Request): StorageError {
    const failure = failureOf(this.driver, operation, cause, request);
    return isUnclear ? dressed(failure, { outcome: "unknown" }) : failure;
  }

  /** Until the next attempt: full jitter on top of what the service asked for. Throws where there is to be none. */
  async pause(failure: StorageError, attempt: number, scope: Abortable): Promise<void> {
    const { retryable, retryAfter = 0, outcome } = failure;
    if (!retryable || attempt >= this.maxAttempts || retryAfter > longestRetryAfter) throw failure;
    const jitter = Math.random() * Math.min(longestDelay, firstDelay * 2 ** (attempt - 1));
    const { promise, resolve } = Promise.withResolvers<void>();
    const clock = setTimeout(resolve, retryAfter * 1000 + jitter);
    try {
      await scope.unlessAborted(promise, outcome);
    } finally {
      clearTimeout(clock);
    }
  }

  #callOf(sending: Sending, request: Request): Call {
    return {
      ...sending.terms,
      signal: request.signal,
      attempt: (single, partBytes = 0) => {
        request.pause();
        request.handedOver = true;
        const one = { ...sending, scope: request, terms: undefined, isUnique: false, partBytes };
        return this.attempt(one, (call) => single(call.signal));
      },
    };
  }

  #tell(sending: Sending, attempt: number, started: number, failure?: StorageError): void {
    const onEvent = this.#onEvent;
    if (!onEvent) return;
    const { operation, key, sent } = sending;
    const event = {
      operation,
      key,
      ms: performance.now() - started,
      bytes: sent?.bytes,
      attempt,
      code: failure?.code,
    };
    void quietly(() => onEvent(event));
  }
}
