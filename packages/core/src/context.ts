import { abortError } from "./abortable.ts";
import type { BackendOptions } from "./attempts.ts";
import { type Capabilities, capabilitiesOf } from "./capabilities.ts";
import { notMatched } from "./conditions.ts";
import { type CallName, wrapMethods } from "./driver-calls.ts";
import { dressed } from "./failure.ts";
import { type HeldTerms, heldBody, type WatchedBody } from "./held-body.ts";
import { Leaf } from "./leaf.ts";
import { urlOfResult } from "./links.ts";
import { Operation } from "./operation.ts";
import { checkOptions, checkSupported } from "./options.ts";
import { longestTimer } from "./request.ts";
import type { Body, Call, ReadResult, StorageDriver } from "./storage-driver.ts";
import { StorageError } from "./storage-error.ts";
import { ClosedError } from "./storage-errors.ts";
import { checkForeignKey, checkKey, validatePrefix } from "./validate-key.ts";

/** Whom an error is about. */
export interface Subject {
  readonly operation: string;
  readonly key?: string | undefined;
  readonly target?: string | undefined;
}

/** What this file looks at in the options of any method. */
interface CommonOptions {
  readonly signal?: AbortSignal | undefined;
  readonly ifMatch?: string | undefined;
  readonly prefix?: string | undefined;
  readonly startAfter?: string | undefined;
}

/** Methods that may meet a key of somebody else's. */
const writesNothing = /^(get|open|getMetadata|exists|delete(Many)?|copy)$/;

/** Milliseconds that a close waits for what it has aborted. */
const grace = 2500;

/** What the methods of one backend share: its driver, and what is under way. */
export class Context {
  readonly driver: StorageDriver;
  readonly capabilities: Capabilities;
  readonly urlExpiresIn: number;
  /** The `url` of every put's result. */
  readonly urlOfResult: PropertyDescriptor;
  readonly #leaf: Leaf | undefined;
  /** Each knows its place among them: a Set costs a get from memory a fifth more. */
  readonly #underWay: Operation[] = [];
  #whenIdle: (() => void) | undefined;
  #closed: Promise<void> | undefined;

  constructor(driver: StorageDriver, options: BackendOptions) {
    this.driver = driver;
    this.capabilities = capabilitiesOf(driver);
    this.urlExpiresIn = options.urlExpiresIn ?? driver.urlExpiresIn ?? 3600;
    this.urlOfResult = urlOfResult(this);
    this.#leaf = driver.classify && new Leaf(driver, options);
  }

  /**
   * One call of a method: refused when closed, ended with the backend, its errors dressed for the
   * caller. The order of the checks is the contract's: `prepare` makes those of the method's own
   * arguments, and gives the work that comes after all of them.
   */
  run<T>(
    subject: Subject,
    options: CommonOptions,
    prepare: (operation: Operation) => () => Promise<T>,
  ): Promise<T> {
    const checkAndWork = (operation: Operation): Promise<T> => {
      const { limits } = this.driver;
      if ("key" in subject) this.checkKey(subject.key, subject.operation);
      if ("target" in subject) checkKey(limits, subject.target);
      if (subject.operation.startsWith("list")) {
        const { prefix = "", startAfter = "" } = Object(options);
        validatePrefix(prefix);
        validatePrefix(startAfter);
      }
      checkOptions(subject.operation, options);
      const work = prepare(operation);
      checkSupported(subject.operation, options, this.capabilities);
      operation.begin(options.signal);
      return work();
    };
    return this.#during(checkAndWork, (error) => {
      const isMismatch = StorageError.is(error, "FileNotFound") && options.ifMatch !== undefined;
      return this.dressed(isMismatch ? notMatched() : error, subject);
    });
  }

  /** @throws InvalidKeyError */
  checkKey(key: unknown, operation: string): void {
    const { limits, foreignKeys } = this.driver;
    if (foreignKeys && writesNothing.test(operation)) checkForeignKey(limits, key);
    else checkKey(limits, key);
  }

  /** What fails leaves nothing running: neither its requests nor a body that nobody wants any more. */
  async #during<T>(
    work: (operation: Operation) => Promise<T>,
    dressed?: (error: unknown) => unknown,
  ): Promise<T> {
    const operation = new Operation(this.driver, this.#leaf);
    try {
      this.#refuseIfClosed();
      operation.place = this.#underWay.push(operation) - 1;
      return await work(operation);
    } catch (error) {
      operation.isHeld = false;
      // A layer that reads a body, or looks at its signal, fails with the bare reason.
      const { aborted, reason } = operation;
      operation.abort(error);
      const bare = aborted && !StorageError.is(error) ? abortError(reason, "unknown") : error;
      throw dressed ? dressed(bare) : bare;
    } finally {
      if (!operation.isHeld) this.#end(operation);
    }
  }

  #refuseIfClosed(): void {
    if (this.#closed !== undefined) throw new ClosedError("the backend was closed");
  }

  #end(operation: Operation): void {
    operation.end();
    const { place } = operation;
    const last = this.#underWay.at(-1);
    // It may have ended before.
    if (last && this.#underWay[place] === operation) {
      this.#underWay[place] = last;
      last.place = place;
      this.#underWay.pop();
    }
    if (this.#underWay.length === 0) this.#whenIdle?.();
  }

  /** A body that keeps its operation under way until it was read or dropped, or the operation is aborted. */
  hold(operation: Operation, body: Body, terms?: HeldTerms): WatchedBody {
    if (body.bytes !== undefined) return body;
    const end = (): void => this.#end(operation);
    operation.isHeld = true;
    operation.onAbort(end);
    return { size: body.size, stream: heldBody(body.stream, operation, end, terms) };
  }

  /** The caller's own key and method, also under layers. */
  dressed(error: unknown, subject: Subject): StorageError {
    return dressed(error, { key: undefined, target: undefined, ...subject, backend: this.driver.name });
  }

  /** The driver for layers, whose calls end with this backend as its own do. */
  exposed(): Omit<StorageDriver, "close" | "classify"> {
    const { driver, urlExpiresIn } = this;
    const { name, layers, features, limits, signer } = driver;
    const lent = wrapMethods(
      driver,
      (method) =>
        (...args) =>
          this.#lend(method, args),
    );
    const signUrl: StorageDriver["signUrl"] = (key, link) => {
      this.#refuseIfClosed();
      const signed = driver.signUrl?.(key, link) ?? "";
      return typeof signed === "string" ? signed : (call) => this.#lendTo(call, (it) => it.sign(key, signed));
    };
    return {
      name,
      layers,
      features,
      limits,
      signer,
      urlExpiresIn,
      ...lent,
      signUrl: driver.signUrl && signUrl,
    };
  }

  #lend(method: CallName, args: readonly unknown[]): Promise<unknown> {
    const call = args.at(-1) as Call;
    return this.#lendTo(call, async (operation) => {
      const answer: unknown = await operation.run(method, args.slice(0, -1) as never, call as never);
      if (method !== "read") return answer;
      const { body, ...result } = answer as ReadResult;
      return { ...result, body: this.hold(operation, body) };
    });
  }

  #lendTo<T>(call: Call, work: (operation: Operation) => Promise<T>): Promise<T> {
    return this.#during((operation) => {
      operation.begin(call.signal);
      return work(operation);
    });
  }

  /** Once; whoever calls it again waits for the same end. */
  async close(options: { readonly timeout?: number | undefined }): Promise<void> {
    try {
      checkOptions("close", options);
      this.#closed ??= this.#close(Math.min(options.timeout ?? 10_000, longestTimer));
      await this.#closed;
    } catch (error) {
      throw this.dressed(error, { operation: "close" });
    }
  }

  async #close(timeout: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#whenIdle = resolve;
    let clock = setTimeout(() => {
      clock = setTimeout(resolve, grace);
      // As they are now: an abort ends some.
      for (const operation of [...this.#underWay]) operation.abort(new DOMException("closed", "AbortError"));
    }, timeout);
    if (this.#underWay.length > 0) await promise;
    clearTimeout(clock);
    await this.driver.close?.();
  }
}
