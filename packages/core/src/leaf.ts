import type { Abortable } from "./abortable.ts";
import { Attempts, type Sending } from "./attempts.ts";
import { writeId } from "./attributes.ts";
import { textOf } from "./data.ts";
import {
  type Answer,
  type Arguments,
  type CallName,
  methodOf,
  operations,
  type Terms,
} from "./driver-calls.ts";
import { dressed, failureOf, orMissing } from "./failure.ts";
import { otherLength } from "./held-body.ts";
import { resolveRange } from "./ranges.ts";
import { ReceivedBody } from "./received-body.ts";
import { SentBody } from "./sent-body.ts";
import type {
  Attributes,
  Body,
  Call,
  CopyCall,
  ReadCall,
  ReadResult,
  WriteCall,
  WriteFacts,
} from "./storage-driver.ts";
import { StorageError } from "./storage-error.ts";

/**
 * Of a driver that does I/O: core's retries, slots, time-outs and events, its errors classified and its
 * bodies made whole.
 */
export class Leaf extends Attempts {
  run<Name extends CallName>(
    scope: Abortable,
    name: Name,
    args: Arguments<Name>,
    terms: Terms<Name>,
  ): Answer<Name> {
    const [key, body, attributes] = args as readonly unknown[];
    const sending: Sending = {
      operation: operations[name],
      key: textOf(key),
      scope,
      terms,
      // After a lost reply, another one would fail over what the first has done.
      isUnique: name === "move" || (name === "copy" && (terms as Partial<CopyCall>).ifNoneMatch === "*"),
    };
    if (name === "write") return this.#write(sending, body as Body, attributes as Attributes) as Answer<Name>;
    if (name === "read") return this.#read(sending) as Answer<Name>;
    const method = methodOf(this.driver, name);
    const answer = this.attempt(sending, (call) => method(...args, call));
    if (name !== "removeMany") return answer as Answer<Name>;
    return answer.then((causes) => {
      const all = Array.from(causes as ReadonlyMap<string, unknown>);
      return new Map(all.map(([key, cause]) => [key, failureOf(this.driver, "remove", cause)]));
    }) as Answer<Name>;
  }

  sign(scope: Abortable, key: string, work: (call: Call) => Promise<string>): Promise<string> {
    return this.attempt({ operation: "sign", key, scope }, work);
  }

  #write(sending: Sending, body: Body, attributes: Attributes): Promise<WriteFacts> {
    const { key = "", scope, terms } = sending;
    const { ifMatch, ifNoneMatch } = terms as WriteCall;
    const sent = new SentBody(body);
    const id = ifMatch || ifNoneMatch ? crypto.randomUUID() : undefined;
    const marked = id ? { ...attributes, internal: { ...attributes.internal, [writeId]: id } } : attributes;
    const facts = this.attempt(
      { ...sending, sent },
      (call, request) => this.driver.write(key, sent.under(request, this), marked, call),
      ({ size }) => sent.check(size),
    );
    if (!id && !body.stream) return facts;
    return facts.catch(async (error) => {
      if (sent.failure && !scope.aborted) throw sent.failure.cause;
      if (!id || !sent.wasRetried || !StorageError.is(error, "PreconditionFailed")) throw error;
      // A condition that fails after a lost reply may have been met by ourselves: the write id tells.
      const found = await orMissing(this.run(scope, "head", [key], {})).catch((cause) => {
        throw dressed(cause, { outcome: "unknown" });
      });
      if (found?.internal[writeId] === id) return found;
      throw dressed(error, { outcome: found ? "not-applied" : "unknown" });
    });
  }

  #read(sending: Sending): Promise<ReadResult> {
    const { key = "", terms } = sending;
    const { range: wanted } = terms as ReadCall;
    return this.open(
      sending,
      (call) => this.driver.read(key, call),
      (opened) => {
        const { facts, body, range = wanted && resolveRange(wanted, facts.size) } = opened.value;
        const part = range ?? { start: 0, end: facts.size };
        const size = part.end - part.start;
        if (!body.bytes) {
          const { stream } = new ReceivedBody(this, sending, opened, part);
          return { facts, range, body: { stream, size } };
        }
        opened.request.end();
        if (body.bytes.length !== size) throw otherLength();
        return { facts, range, body };
      },
    );
  }
}
