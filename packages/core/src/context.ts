import { boundDriver } from "./bound-driver.ts";
import { Operation } from "./operation.ts";
import { safeCause } from "./safe-cause.ts";
import type { StorageDriver } from "./storage-driver.ts";
import { StorageError, type StorageErrorFacts } from "./storage-error.ts";
import { ClosedError, storageError } from "./storage-errors.ts";

/** What the methods of one backend share: its driver, and what is under way. */
export class Context {
  readonly driver: StorageDriver;
  readonly #underWay = new Set<Operation>();
  #whenIdle: (() => void) | undefined;
  #closed: Promise<void> | undefined;

  constructor(driver: StorageDriver) {
    this.driver = driver;
  }

  get urlExpiresIn(): number {
    return this.driver.urlExpiresIn ?? 3600;
  }

  /** One call of a method: refused when closed, ended with the backend, its errors dressed for the caller. */
  async run<T>(subject: Subject, work: (operation: Operation) => Promise<T>): Promise<T> {
    const operation = this.start(subject);
    try {
      return await work(operation);
    } catch (error) {
      throw this.dressed(error, subject);
    } finally {
      this.end(operation);
    }
  }

  /** As `run`, for what outlives its method, a body; the caller ends it. */
  start(subject: Subject): Operation {
    if (this.#closed !== undefined) throw this.dressed(new ClosedError("the backend was closed"), subject);
    const operation = new Operation();
    this.#underWay.add(operation);
    return operation;
  }

  end(operation: Operation): void {
    operation.end();
    this.#underWay.delete(operation);
    if (this.#underWay.size === 0) this.#whenIdle?.();
  }

  /** The caller's own key and method, also under layers. */
  dressed(error: unknown, { operation, key, target }: Subject): StorageError {
    const backend = this.driver.name;
    const subject: StorageErrorFacts = { operation, key, target, backend };
    if (!StorageError.is(error)) {
      return new StorageError("a layer or an adapter failed with an error of its own", {
        ...subject,
        cause: safeCause(error),
      });
    }
    const { retryable, outcome, requestId, retryAfter, etag, lastModified } = error;
    const facts = { retryable, outcome, requestId, retryAfter, etag, lastModified, ...subject };
    return storageError(
      error.code,
      error.reason,
      "cause" in error ? { ...facts, cause: error.cause } : facts,
    );
  }

  /** The driver for layers, whose calls end with this backend as its own do. */
  exposed(): StorageDriver {
    return boundDriver(this.driver);
  }

  close(timeout: number): Promise<void> {
    this.#closed ??= this.#close(timeout);
    return this.#closed;
  }

  async #close(timeout: number): Promise<void> {
    const idle = new Promise<void>((resolve) => {
      this.#whenIdle = resolve;
      if (this.#underWay.size === 0) resolve();
    });
    const clock = setTimeout(() => this.#abortAll(), timeout);
    await idle;
    clearTimeout(clock);
    await this.driver.close?.();
  }

  #abortAll(): void {
    const reason = new DOMException("The backend was closed", "AbortError");
    for (const operation of this.#underWay) operation.abort(reason);
  }
}

/** Whom an error is about. */
export interface Subject {
  readonly operation: string;
  readonly key?: string | undefined;
  readonly target?: string | undefined;
}
