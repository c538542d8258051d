import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { setTimeout } from "node:timers/promises";
import type { Attributes, Bytes, Call, ObjectFacts } from "@storage/core";
import type { Connection } from "./connection.ts";
import { factsOfFailure } from "./failure.ts";
import { abortUpload } from "./multipart.ts";
import { unquoted } from "./object-headers.ts";
import { headObject } from "./reading.ts";
import type { StreamedBody } from "./request-body.ts";

/** What became of a request that a service may refuse, or not know. */
export type Verdict = "done" | "refused" | "unknown";

export const plainAttributes: Attributes = { contentType: "text/plain", metadata: {}, internal: {} };

/** Objects of our own, where no key of a caller's lies, for requests that are only tried. */
export class Scratch {
  readonly connection: Connection;
  readonly signal: AbortSignal;
  readonly #place = `.storage/probe/${crypto.randomUUID()}`;
  readonly #keys: string[] = [];
  readonly #uploads: (readonly [key: string, id: string])[] = [];

  constructor(connection: Connection, signal: AbortSignal) {
    this.connection = connection;
    this.signal = signal;
  }

  key(under: string = ""): string {
    const key = under ? `${under}/below` : `${this.#place}/${this.#keys.length}`;
    this.#keys.push(key);
    return key;
  }

  /** @returns the etag. */
  async put(
    key: string,
    headers: Readonly<Record<string, string>> = {},
    body: Bytes | StreamedBody = new TextEncoder().encode(crypto.randomUUID()),
  ): Promise<string> {
    const answer = await this.connection.request({ method: "PUT", key, headers, body }, this.signal);
    answer.body.resume();
    return unquoted(answer.headers.etag) ?? "";
  }

  /** A new object, and its etag. */
  async object(): Promise<{ readonly key: string; readonly etag: string }> {
    const key = this.key();
    return { key, etag: await this.put(key) };
  }

  /** For what takes a call: nothing here is tried again. */
  get call(): Call {
    return { signal: this.signal, attempt: (work) => work(this.signal) };
  }

  head(key: string): Promise<ObjectFacts> {
    return headObject(this.connection, key, this.call);
  }

  /** An upload of one part that waits for its end. */
  async upload(key: string): Promise<(conditions: UploadConditions) => Promise<unknown>> {
    const { connection, signal } = this;
    const { UploadId = "" } = await connection.send(
      (sdk, target) => new sdk.CreateMultipartUploadCommand({ ...target, Key: key }),
      signal,
    );
    this.#uploads.push([key, UploadId]);
    const query = { partNumber: "1", uploadId: UploadId };
    const part = await connection.request(
      { method: "PUT", key, query, headers: {}, body: new Uint8Array(1) },
      signal,
    );
    part.body.resume();
    const { etag: ETag, "x-amz-checksum-crc32": ChecksumCRC32 } = part.headers;
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag, ChecksumCRC32 }] };
    return (conditions) =>
      connection.send(
        (sdk, target) =>
          new sdk.CompleteMultipartUploadCommand({
            ...target,
            ...conditions,
            Key: key,
            UploadId,
            MultipartUpload,
          }),
        signal,
      );
  }

  /** By a signal of its own: the caller's may be why we are here. What fails does not keep the rest. */
  async remove(): Promise<void> {
    const signal = AbortSignal.timeout(cleanUpTime);
    for (const [key, id] of this.#uploads)
      await abortUpload(this.connection, key, id, signal).catch(() => false);
    for (const Key of this.#keys.reverse())
      await this.connection
        .send((sdk, target) => new sdk.DeleteObjectCommand({ ...target, Key }), signal)
        .catch(() => undefined);
  }
}

/** Milliseconds. */
const cleanUpTime = 30_000;

export interface UploadConditions {
  readonly IfMatch?: string;
  readonly IfNoneMatch?: string;
}

/** Milliseconds between two attempts. */
const pause = 100;

/**
 * Of what a service can say, only a failed condition is a refusal. Ceph answers some of those that race
 * with an internal error first. Rejects where there was no clear answer.
 */
export async function outcomeOf(request: () => Promise<unknown>, attempts: number = 5): Promise<Verdict> {
  try {
    await request();
    return "done";
  } catch (cause) {
    const { status = 0, code } = factsOfFailure(cause);
    if ([404, 409, 412].includes(status) && code !== "NoSuchBucket") return "refused";
    if ([400, 405, 501].includes(status)) return "unknown";
    if (status < 500 || attempts === 1) throw cause;
  }
  await setTimeout(pause);
  return await outcomeOf(request, attempts - 1);
}

/** Milliseconds that a server may take over a request that another one rules out. */
const patience = 1000;

/** A body of two halves, the second of which waits. */
class SlowBody implements StreamedBody {
  readonly sha256: string;
  readonly length: number;
  readonly #half: Bytes = new TextEncoder().encode(crypto.randomUUID().repeat(1000));
  readonly #goesOn: Promise<unknown>;

  constructor(goesOn: Promise<unknown>) {
    this.#goesOn = goesOn;
    this.length = 2 * this.#half.length;
    this.sha256 = createHash("sha256").update(this.#half).update(this.#half).digest("hex");
  }

  read(): Readable {
    return Readable.from(this.#halves());
  }

  async *#halves(): AsyncGenerator<Bytes, undefined, undefined> {
    yield this.#half;
    await this.#goesOn;
    yield this.#half;
  }
}

/**
 * Two writes, one of which passes the other while that is still being sent. A server that looks at a
 * condition before the body, and not with the commit, lets both through.
 */
export async function oneOfTwoWins(write: (body?: StreamedBody) => Promise<unknown>): Promise<boolean> {
  const begun = Promise.withResolvers<void>();
  const slow = outcomeOf(() => write(new SlowBody(begun.promise)), 1);
  const quick = (async () => {
    await setTimeout(pause);
    const outcome = outcomeOf(() => write(), 1);
    await Promise.race([outcome, setTimeout(patience)]).finally(() => begun.resolve());
    return await outcome;
  })();
  const outcomes = await Promise.all([slow, quick]);
  return outcomes.filter((outcome) => outcome === "done").length === 1;
}

/** Of many at once, one has to get through. */
export async function oneWins(requests: readonly (() => Promise<unknown>)[]): Promise<boolean> {
  const outcomes = await Promise.all(requests.map((request) => outcomeOf(request)));
  return outcomes.filter((outcome) => outcome === "done").length === 1;
}
