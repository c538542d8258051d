import { cannedAnswer } from "./canned-answer.ts";
import type { Break, Fault } from "./fault.ts";
import { breakAfter, isPassedOn } from "./fault-effects.ts";
import type { FaultPlans } from "./fault-plans.ts";
import { cut, faultedBody } from "./faulted-body.ts";
import { bodyOf, type Piece } from "./http-body.ts";
import { type AnswerHead, parseAnswer, parseRequest, type RequestHead } from "./http-head.ts";
import type { Peer } from "./peer.ts";
import type { RequestRecord, SeenRequest } from "./seen-request.ts";

/** What the connections of one proxy share. */
export interface ProxyState {
  readonly connect: () => Promise<Peer>;
  readonly plans: FaultPlans;
  readonly requests: SeenRequest[];
}

/** One request under way. */
interface Exchange {
  readonly head: RequestHead;
  readonly record: RequestRecord;
  readonly fault: Fault | undefined;
}

const emptyLine = "\r\n\r\n";
const noHttp = Buffer.from("\u0000\u0001 this is no HTTP\r\n\r\n");

function count(record: RequestRecord, { bytes, part }: Piece): void {
  if (part === "data") record.bodyBytes += bytes.length;
}

/** A client and, from its first request on, a connection to the target of its own: one request after the other. */
export class Connection {
  readonly #client: Peer;
  readonly #state: ProxyState;
  #target: Peer | undefined;
  /** Whether the client waits for an answer, or the rest of one. */
  #owesAnswer = false;
  #isBroken = false;

  constructor(client: Peer, state: ProxyState) {
    this.#client = client;
    this.#state = state;
  }

  /** Until one of the two goes away, or a fault breaks it off. Never rejects. */
  async serve(): Promise<void> {
    try {
      while (await this.#next());
      this.#client.end();
    } catch {
      this.#isBroken = true;
      if (this.#target?.wasReset) this.#client.reset();
      else this.#client.end();
    }
    if (this.#isBroken) this.#target?.reset();
    else this.#target?.end();
  }

  /** One request. False: no other can follow. */
  async #next(): Promise<boolean> {
    this.#owesAnswer = false;
    this.#target?.watch();
    const bytes = await this.#client.through(emptyLine);
    if (bytes === undefined && this.#client.isSpent) return false;
    const head = bytes && parseRequest(bytes);
    if (head === undefined) return await this.#refuse(400, "FaultProxy: this is no request of HTTP/1");
    const { method, path, headers } = head;
    const record: RequestRecord = { method, path, headers, bodyBytes: 0 };
    const fault = this.#state.plans.forRequest(record);
    if (fault !== undefined) record.fault = fault;
    this.#state.requests.push(record);
    this.#owesAnswer = true;
    const exchange = { head, record, fault };
    return isPassedOn(fault) ? await this.#passOn(exchange) : await this.#answerInstead(exchange);
  }

  async #refuse(status: number, body: string): Promise<false> {
    await this.#client.send(cannedAnswer({ kind: "answer", status, body }, "GET", true));
    return false;
  }

  async #answerInstead({ head, record, fault }: Exchange): Promise<boolean> {
    // Who waits for a 100 has not sent the body, and never will.
    if (!head.expectsContinue) {
      for await (const piece of bodyOf(this.#client, head.framing)) count(record, piece);
    }
    if (fault?.kind === "answer" || fault?.kind === "redirect") {
      const isLast = head.expectsContinue || /\bclose\b/i.test(head.headers.connection ?? "");
      record.status = fault.status;
      await this.#client.send(cannedAnswer(fault, head.method, isLast));
      return !isLast;
    }
    if (fault?.kind === "garbage") {
      await this.#client.send(fault.bytes ?? noHttp);
      return await this.#breakOff("end");
    }
    return await this.#breakOff(fault && "at" in fault ? fault.kind : "end");
  }

  async #passOn(exchange: Exchange): Promise<boolean> {
    const target = await this.#connected();
    if (target === undefined) {
      exchange.record.status = 502;
      return await this.#refuse(502, "FaultProxy: nobody listens at the target");
    }
    const { fault } = exchange;
    if (fault !== undefined && "at" in fault && typeof fault.at === "object" && "upload" in fault.at) {
      return await this.#breakUpload(exchange, target, fault.kind, fault.at.upload);
    }
    const answering = this.#answer(exchange, target).then((goesOn) => {
      this.#owesAnswer = false;
      // It may have been refused before its body was sent.
      if (target.isSpent || !goesOn) this.#client.end();
      else target.watch();
      return goesOn;
    });
    const [isUploaded, goesOn] = await Promise.all([this.#upload(exchange, target), answering]);
    return isUploaded && goesOn && !target.isSpent;
  }

  /** The target's end of this connection; undefined where nobody listens. */
  async #connected(): Promise<Peer | undefined> {
    if (this.#target !== undefined && !this.#target.isSpent) return this.#target;
    const target = await this.#state.connect().catch(() => undefined);
    this.#target = target;
    if (target === undefined) return undefined;
    void target.ended().then(() => {
      if (!this.#owesAnswer) this.#client.end();
    });
    void this.#client.ended().then(() => {
      if (this.#client.isSpent) target.endSending();
    });
    void this.#client.closed().then(() => {
      if (this.#owesAnswer) target.reset();
    });
    return target;
  }

  /** False: the target took no more. Its answer, if any, says why. */
  async #upload({ head, record }: Exchange, target: Peer): Promise<boolean> {
    const send = async (bytes: Buffer): Promise<boolean> =>
      await target.send(bytes).then(
        () => true,
        () => false,
      );
    if (!(await send(head.bytes))) return false;
    for await (const piece of bodyOf(this.#client, head.framing)) {
      count(record, piece);
      if (!(await send(piece.bytes))) return false;
    }
    return true;
  }

  async #breakUpload(
    { head, record }: Exchange,
    target: Peer,
    kind: Break,
    length: number,
  ): Promise<boolean> {
    await target.send(head.bytes);
    if (head.expectsContinue) await this.#client.send(Buffer.from(`HTTP/1.1 100 Continue${emptyLine}`));
    for await (const piece of cut(bodyOf(this.#client, head.framing), length)) {
      count(record, piece);
      await target.send(piece.bytes);
    }
    if (kind !== "stall") return await this.#breakOff(kind);
    // Nothing is read any more, its end neither.
    await this.#client.closed();
    this.#isBroken = true;
    return false;
  }

  async #answer({ head, record, fault }: Exchange, target: Peer): Promise<boolean> {
    const answer = await this.#answerHead(target, head.method);
    if (answer === undefined) return false;
    const body = bodyOf(target, answer.framing);
    if (fault?.kind === "lost-reply" || fault?.kind === "answer") {
      for await (const _ of body);
      if (fault.kind === "lost-reply") return await this.#breakOff(fault.by ?? "reset");
      record.status = fault.status;
      await this.#client.send(cannedAnswer(fault, head.method, false));
      return true;
    }
    record.status = answer.status;
    await this.#client.send(answer.bytes);
    for await (const { bytes } of faultedBody(body, answer.framing, fault)) await this.#client.send(bytes);
    const kind = breakAfter(fault, answer.framing);
    if (kind !== undefined) return await this.#breakOff(kind);
    return answer.framing.kind !== "until-close";
  }

  /** Behind the interim ones, which are passed through; undefined, and all is passed through, where it is none. */
  async #answerHead(target: Peer, method: string): Promise<AnswerHead | undefined> {
    for (;;) {
      const bytes = await target.through(emptyLine);
      const head = bytes && parseAnswer(bytes, method);
      if (head === undefined) {
        if (bytes !== undefined) await this.#client.send(bytes);
        for await (const piece of bodyOf(target, { kind: "until-close" }))
          await this.#client.send(piece.bytes);
        return undefined;
      }
      if (!head.isInterim) return head;
      await this.#client.send(head.bytes);
    }
  }

  async #breakOff(kind: Break): Promise<false> {
    this.#isBroken = true;
    if (kind === "reset") this.#client.reset();
    else if (kind === "end") this.#client.end();
    else await this.#client.ended();
    return false;
  }
}
