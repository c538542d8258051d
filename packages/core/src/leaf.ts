import type { Abortable } from "./abortable.ts";
import { Attempts, type BackendOptions, type Sending } from "./attempts.ts";
import { writeId } from "./attributes.ts";
import { type Answer, type Arguments, type CallName, methodOf, type Terms } from "./driver-calls.ts";
import { failureOf } from "./failure.ts";
import type { Engine, Operation } from "./operation.ts";
import { resolveRange } from "./ranges.ts";
import { ReceivedBody } from "./received-body.ts";
import { SentBody } from "./sent-body.ts";
import type {
  Attributes,
  Body,
  Call,
  CopyCall,
  DriverOperation,
  ObjectFacts,
  ReadCall,
  ReadResult,
  StorageDriver,
  WriteCall,
  WriteFacts,
} from "./storage-driver.ts";
import { StorageError } from "./storage-error.ts";
import { IntegrityError } from "./storage-errors.ts";

/** What an event and `classify` call the method. */
const operations: Readonly<Record<CallName, DriverOperation>> = {
  write: "write",
  read: "read",
  head: "head",
  remove: "remove",
  list: "list",
  removeMany: "remove",
  copy: "copy",
  move: "copy",
  signUpload: "sign",
  checkHealth: "health",
  sweep: "sweep",
};

/**
 * Of a driver that does I/O: core's retries, slots, time-outs and events, its errors classified and its
 * bodies made whole.
 */
export class Leaf implements Engine {
  readonly #driver: StorageDriver;
  readonly #attempts: Attempts;

  constructor(driver: StorageDriver, options: BackendOptions) {
    this.#driver = driver;
    this.#attempts = new Attempts(driver, options);
  }

  run<Name extends CallName>(
    scope: Operation,
    name: Name,
    args: Arguments<Name>,
    terms: Terms<Name>,
  ): Answer<Name> {
    const driver = this.#driver;
    const [key, ...rest] = args as readonly unknown[];
    const sending: Sending = {
      operation: operations[name],
      key: typeof key === "string" ? key : undefined,
      scope,
      terms,
      repeatable: isIdempotent(name, terms) ? undefined : wasNotApplied,
      isMany: name === "sweep",
    };
    if (name === "write") return this.#write(sending, ...(rest as [Body, Attributes])) as Answer<Name>;
    if (name === "read") return this.#read(sending) as Answer<Name>;
    const method = methodOf(driver, name);
    const answer = this.#attempts.run(sending, (call) => method(...args, call));
    return (
      name === "removeMany" ? answer.then((causes) => failures(driver, causes)) : answer
    ) as Answer<Name>;
  }

  sign(scope: Operation, key: string, work: (call: Call) => Promise<string>): Promise<string> {
    return this.#attempts.run({ operation: "sign", key, scope, terms: {} }, work);
  }

  async #write(sending: Sending, body: Body, attributes: Attributes): Promise<WriteFacts> {
    const { key = "", scope } = sending;
    const { ifMatch, ifNoneMatch } = sending.terms as WriteCall;
    const sent = new SentBody(body);
    const id = (ifMatch ?? ifNoneMatch) === undefined ? undefined : crypto.randomUUID();
    const marked = id ? { ...attributes, internal: { ...attributes.internal, [writeId]: id } } : attributes;
    let wasRetried = false;
    const write: Sending = {
      ...sending,
      bytes: () => sent.bytes,
      repeatable: () => !sent.started,
      onRetry: () => {
        wasRetried = true;
      },
    };
    try {
      const facts = await this.#attempts.run(write, (call, request) =>
        this.#driver.write(key, sent.under(request, this.#attempts), marked, call),
      );
      sent.check(facts.size);
      return facts;
    } catch (error) {
      if (sent.failure && !scope.aborted) throw sent.failure.cause;
      if (!id || !wasRetried || !StorageError.is(error, "PreconditionFailed")) throw error;
      const facts = await this.#head(key, scope);
      if (facts.internal[writeId] === id) return facts;
      throw error;
    }
  }

  /** A condition that fails after a lost reply may have been met by ourselves: the write id tells. */
  #head(key: string, scope: Abortable): Promise<ObjectFacts> {
    const head: Sending = { operation: "head", key, scope, terms: {} };
    return this.#attempts.run(head, (call) => this.#driver.head(key, call));
  }

  async #read(sending: Sending): Promise<ReadResult> {
    const driver = this.#driver;
    const { key = "", terms } = sending;
    const { range: wanted } = terms as ReadCall;
    const opened = await this.#attempts.open(sending, (call) => driver.read(key, call));
    const { facts, body } = opened.value;
    const range = opened.value.range ?? (wanted ? resolveRange(wanted, facts.size) : undefined);
    const { start, end } = range ?? { start: 0, end: facts.size };
    const size = end - start;
    if (body.bytes === undefined) {
      const reading = { driver, attempts: this.#attempts, sending, key, range: { start, end } };
      return { facts, range, body: { stream: new ReceivedBody(reading, opened), size } };
    }
    opened.request.end();
    if (body.bytes.length === size) return { facts, range, body };
    throw new IntegrityError(`${size} bytes were announced, and ${body.bytes.length} came`);
  }
}

/** After a lost reply, another copy would fail over what the first has done. */
function isIdempotent(name: CallName, terms: Partial<CopyCall>): boolean {
  return name !== "move" && (name !== "copy" || terms.ifNoneMatch === undefined);
}

const wasNotApplied = (failure: StorageError): boolean => failure.outcome === "not-applied";

function failures(driver: StorageDriver, causes: unknown): ReadonlyMap<string, StorageError> {
  const all = [...(causes as ReadonlyMap<string, unknown>)];
  return new Map(all.map(([key, cause]) => [key, failureOf(driver, "remove", cause)]));
}
