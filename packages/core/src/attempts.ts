import { failureOf, type RequestEnd } from "./failure.ts";
import { notify } from "./notify.ts";
import { Request } from "./request.ts";
import { Slots } from "./slots.ts";
import type { Call, DriverOperation, StorageDriver } from "./storage-driver.ts";
import type { StorageError, StorageErrorCode } from "./storage-error.ts";
import { ClosedError } from "./storage-errors.ts";

/** One request, seen from outside, after its end. */
export interface StorageEvent {
  readonly operation: DriverOperation;
  readonly key?: string | undefined;
  /** Milliseconds, without the time that the caller's source took. */
  readonly ms: number;
  /** Of the body, written or read with this request. */
  readonly bytes?: number | undefined;
  /** 1 for the first; more are retries. */
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
  readonly call: Call;
  /** Of the body that is sent with it. Default: 0. */
  readonly bytes?: (() => number) | undefined;
  /** Whether it can be sent again as it was. Default: it can. */
  readonly repeatable?: (() => boolean) | undefined;
}

/** Core's retries, slots, time-outs and events: the only ones there are. */
export class Attempts {
  readonly #driver: StorageDriver;
  readonly #slots: Slots;
  readonly #options: BackendOptions;
  #closed = false;

  constructor(driver: StorageDriver, options: BackendOptions) {
    this.#driver = driver;
    this.#options = options;
    this.#slots = new Slots(options.maxConcurrency ?? 64);
  }

  /** Also for the layers above, which do not know that what they wrap was closed. */
  close(): void {
    this.#closed = true;
  }

  get maxAttempts(): number {
    return this.#options.maxAttempts ?? 4;
  }

  get idle(): number {
    return this.#options.timeouts?.idle ?? 30_000;
  }

  /** Milliseconds to an answer's head, after a body of so many bytes. */
  patience(bytes: number): number {
    const headers = this.#options.timeouts?.headers ?? 30_000;
    return headers === 0 ? 0 : headers + Math.ceil((bytes / bytesPerSecond) * 1000);
  }

  /** A driver's method, or one request of several, until it succeeds or fails for good. */
  async run<T>(sending: Sending, work: (call: Call, request: Request) => Promise<T>): Promise<T> {
    const { value, request } = await this.open(sending, work);
    request.end();
    return value;
  }

  /** As `run`, for an answer whose body is still to come: the caller ends the request. */
  async open<T>(
    sending: Sending,
    work: (call: Call, request: Request) => Promise<T>,
  ): Promise<{ value: T; request: Request }> {
    for (let attempt = 1; ; attempt++) {
      if (this.#closed) throw new ClosedError("the backend was closed");
      const request = new Request(this.#slots, sending.call.signal);
      const started = performance.now();
      try {
        await request.begin(this.patience(0));
        const value = await request.settle(work(this.#callOf(sending, request), request));
        this.#tell(sending, attempt, started);
        request.pause();
        return { value, request };
      } catch (cause) {
        const failure = failureOf(this.#driver, sending.operation, cause, request);
        request.drop();
        this.#tell(sending, attempt, started, failure);
        const final = request.handedOver || sending.repeatable?.() === false || attempt >= this.maxAttempts;
        if (final || !(await this.pauseAfter(failure, attempt, sending.call.signal))) throw failure;
      }
    }
  }

  failure(operation: DriverOperation, cause: unknown, end: RequestEnd): StorageError {
    return failureOf(this.#driver, operation, cause, end);
  }

  /** Full jitter, or what the service asked for; false where another attempt makes no sense. */
  async pauseAfter(failure: StorageError, attempt: number, signal: AbortSignal): Promise<boolean> {
    const { retryAfter = 0 } = failure;
    if (!failure.retryable || signal.aborted || retryAfter > longestRetryAfter) return false;
    const ceiling = Math.min(longestDelay, firstDelay * 2 ** (attempt - 1));
    await pause(retryAfter * 1000 + Math.random() * ceiling, signal);
    return !signal.aborted;
  }

  #callOf(sending: Sending, request: Request): Call {
    return {
      signal: request.signal,
      attempt: (single) => {
        request.handOver();
        const inner = {
          ...sending,
          call: { ...sending.call, signal: request.signal },
          repeatable: undefined,
        };
        return this.run(inner, (call) => single(call.signal));
      },
    };
  }

  #tell(sending: Sending, attempt: number, started: number, failure?: StorageError): void {
    const { onEvent } = this.#options;
    if (onEvent === undefined) return;
    const { operation, key, bytes } = sending;
    const event: StorageEvent = {
      operation,
      ms: performance.now() - started,
      attempt,
      ...(key !== undefined && { key }),
      ...(bytes !== undefined && { bytes: bytes() }),
      ...(failure !== undefined && { code: failure.code }),
    };
    notify(onEvent, event);
  }
}

/** Ends early with the signal. */
function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(clock);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const clock = setTimeout(end, milliseconds);
    signal.addEventListener("abort", end, { once: true });
  });
}
