import {
  type Attributes,
  type Call,
  type ObjectFacts,
  TooLargeError,
  type WriteCall,
  type WriteFacts,
  writeId,
} from "@storage/core";
import type { Connection } from "./connection.ts";
import { factsOfFailure, unlikeS3 } from "./failure.ts";
import { abortUpload, beginUpload } from "./multipart.ts";
import { unquoted } from "./object-headers.ts";
import { headObject } from "./reading.ts";
import type { S3PutOptions } from "./s3-options.ts";
import type { UploadSettings } from "./uploading.ts";

/** One part, and how it gets to the service. */
export interface Part {
  readonly size: number;
  readonly send: (at: PartPlace, signal: AbortSignal) => Promise<SentPart>;
}

interface PartPlace {
  readonly uploadId: string;
  readonly number: number;
}

export interface SentPart {
  readonly ETag: string | undefined;
  /** Where parts carry a checksum, the whole is made of them, too. */
  readonly ChecksumCRC32?: string | undefined;
}

/** What becomes one object. */
export interface MultipartWrite {
  readonly parts: AsyncIterable<Part> | Iterable<Part>;
  readonly attributes: Attributes;
  readonly options?: S3PutOptions | undefined;
  /** Of the object that it replaces. */
  readonly conditions: Pick<WriteCall, "ifMatch" | "ifNoneMatch">;
  /** A last look, when all parts are there: what it throws ends in the abort. */
  readonly check?: () => Promise<void>;
}

/** How often an abort is sent, since what is left of an upload costs money until somebody sweeps. */
const abortAttempts = 3;
/** Milliseconds, for each of them. */
const abortTimeout = 5000;

/** One upload in parts: whatever fails ends in its abort, when no part is under way any more. */
export class MultipartUpload {
  readonly #connection: Connection;
  readonly #settings: UploadSettings;
  readonly #key: string;
  readonly #call: Call;
  readonly #sent: (SentPart & { readonly PartNumber: number })[] = [];
  readonly #underWay = new Set<Promise<void>>();
  #failure: { readonly cause: unknown } | undefined;
  #size = 0;
  #count = 0;
  #id = "";

  constructor(connection: Connection, settings: UploadSettings, key: string, call: Call) {
    this.#connection = connection;
    this.#settings = settings;
    this.#key = key;
    this.#call = call;
  }

  async run({ parts, attributes, options, conditions, check }: MultipartWrite): Promise<WriteFacts> {
    const mark = attributes.internal[writeId] ?? crypto.randomUUID();
    const internal = { ...attributes.internal, [writeId]: mark };
    this.#id = await this.#create({ ...attributes, internal }, options);
    try {
      for await (const part of parts) await this.#start(part);
      await Promise.all(this.#underWay);
      if (this.#failure) throw this.#failure.cause;
      await check?.();
      return { size: this.#size, etag: await this.#complete(mark, conditions) };
    } catch (cause) {
      await Promise.all(this.#underWay);
      await this.#abort();
      throw cause;
    }
  }

  async #create(attributes: Attributes, options: S3PutOptions | undefined): Promise<string> {
    const input = { Key: this.#key, ...this.#connection.objectHeaders.inputOf(attributes, options) };
    const { endpoint } = await this.#connection.load();
    const checksum = endpoint.service.checksums ? { ChecksumAlgorithm: "CRC32" as const } : {};
    return await this.#call.attempt((signal) =>
      beginUpload(this.#connection, { ...input, ...checksum }, signal),
    );
  }

  /** Waits while so many are under way that another one would hold more memory than was promised. */
  async #start(part: Part): Promise<void> {
    if (this.#failure) throw this.#failure.cause;
    const number = ++this.#count;
    if (number > this.#settings.maxParts)
      throw new TooLargeError(
        `more than ${this.#settings.maxParts} parts: declare the size, or set a larger partSize`,
      );
    const sending: Promise<void> = this.#send(number, part)
      .catch((cause: unknown) => {
        this.#failure ??= { cause };
      })
      .finally(() => this.#underWay.delete(sending));
    this.#underWay.add(sending);
    this.#size += part.size;
    // The next one is filled meanwhile, in memory of its own.
    while (this.#underWay.size >= this.#settings.concurrency - 1 && this.#underWay.size > 0)
      await Promise.race(this.#underWay);
  }

  async #send(number: number, { send, size }: Part): Promise<void> {
    const at = { uploadId: this.#id, number };
    const sent = await this.#call.attempt((signal) => send(at, signal), size);
    this.#sent.push({ PartNumber: number, ...sent });
  }

  /** A lost reply is settled by the mark: the service has forgotten the upload, and the object bears it. */
  async #complete(mark: string, { ifMatch, ifNoneMatch }: MultipartWrite["conditions"]): Promise<string> {
    const input = {
      Key: this.#key,
      UploadId: this.#id,
      MultipartUpload: { Parts: this.#sent.sort((a, b) => a.PartNumber - b.PartNumber) },
      IfMatch: ifMatch && this.#connection.objectHeaders.writtenEtag(ifMatch),
      IfNoneMatch: ifNoneMatch,
    };
    return await this.#call.attempt(async (signal) => {
      try {
        const { ETag, Key } = await this.#connection.send(
          (sdk, target) => new sdk.CompleteMultipartUploadCommand({ ...target, ...input }),
          signal,
        );
        if (ETag === undefined && Key === undefined) throw unlikeS3("etag");
        // Ceph leaves the etag out.
        return unquoted(ETag) || (await this.#head(signal)).etag;
      } catch (cause) {
        if (factsOfFailure(cause).code !== "NoSuchUpload") throw cause;
        const facts = await this.#head(signal);
        if (facts.internal[writeId] !== mark) throw cause;
        return facts.etag;
      }
    });
  }

  #head(signal: AbortSignal): Promise<ObjectFacts> {
    return headObject(this.#connection, this.#key, { ...this.#call, signal });
  }

  /** By a signal of its own: the call's has often aborted. What stays is for `sweep`. */
  async #abort(): Promise<void> {
    for (let attempt = 1; attempt <= abortAttempts; attempt++) {
      try {
        await abortUpload(this.#connection, this.#key, this.#id, AbortSignal.timeout(abortTimeout));
        return;
      } catch (cause) {
        const { status } = factsOfFailure(cause);
        if (status !== undefined && status < 500) return;
      }
    }
  }
}
