import {
  type Attributes,
  type Bytes,
  StorageError,
  TooLargeError,
  type WriteCall,
  type WriteFacts,
  writeId,
} from "@storage/core";
import type { Connection } from "./connection.ts";
import { factsOfFailure } from "./failure.ts";
import { inputOf, unquoted } from "./object-input.ts";
import { headObject } from "./reading.ts";
import type { S3PutOptions } from "./s3-options.ts";
import { putBytes, type UploadSettings } from "./uploading.ts";

interface Part {
  readonly PartNumber: number;
  readonly ETag: string;
}

/** How often an abort is sent, since what is left of an upload costs money until somebody sweeps. */
const abortAttempts = 3;

/** One upload in parts: whatever fails ends in its abort, when no part is under way any more. */
export class PartedUpload {
  readonly #connection: Connection;
  readonly #settings: UploadSettings;
  readonly #key: string;
  readonly #call: WriteCall;
  readonly #parts: Part[] = [];
  readonly #underWay = new Set<Promise<void>>();
  #failure: { readonly cause: unknown } | undefined;
  #size = 0;
  #count = 0;
  #id = "";

  constructor(connection: Connection, settings: UploadSettings, key: string, call: WriteCall) {
    this.#connection = connection;
    this.#settings = settings;
    this.#key = key;
    this.#call = call;
  }

  async run(
    first: readonly Bytes[],
    rest: AsyncIterable<Bytes>,
    attributes: Attributes,
    options: S3PutOptions | undefined,
  ): Promise<WriteFacts> {
    const mark = attributes.internal[writeId] ?? crypto.randomUUID();
    const internal = { ...attributes.internal, [writeId]: mark };
    this.#id = await this.#create({ ...attributes, internal }, options);
    try {
      for (const part of first) await this.#start(part);
      for await (const part of rest) await this.#start(part);
      await Promise.all(this.#underWay);
      if (this.#failure) throw this.#failure.cause;
      return { size: this.#size, etag: await this.#complete(mark) };
    } catch (cause) {
      await Promise.all(this.#underWay);
      await this.#abort();
      throw cause;
    }
  }

  #create(attributes: Attributes, options: S3PutOptions | undefined): Promise<string> {
    const { bucket } = this.#settings;
    const input = { Bucket: bucket, Key: this.#key, ...inputOf(attributes, options) };
    return this.#call.attempt((abortSignal) =>
      this.#connection.send(async (sdk, client) => {
        const { UploadId } = await client.send(new sdk.CreateMultipartUploadCommand(input), { abortSignal });
        if (UploadId === undefined) throw new StorageError("the service gave no id of the upload");
        return UploadId;
      }),
    );
  }

  /** Waits while so many are under way that another one would hold more memory than was promised. */
  async #start(bytes: Bytes): Promise<void> {
    if (this.#failure) throw this.#failure.cause;
    const number = ++this.#count;
    if (number > this.#settings.maxParts)
      throw new TooLargeError(
        `more than ${this.#settings.maxParts} parts: declare the size, or set a larger partSize`,
      );
    const sending: Promise<void> = this.#send(number, bytes)
      .catch((cause: unknown) => {
        this.#failure ??= { cause };
      })
      .finally(() => this.#underWay.delete(sending));
    this.#underWay.add(sending);
    this.#size += bytes.length;
    // One more is being filled meanwhile.
    while (this.#underWay.size >= this.#settings.concurrency - 1) await Promise.race(this.#underWay);
  }

  async #send(PartNumber: number, bytes: Bytes): Promise<void> {
    const query = { partNumber: String(PartNumber), uploadId: this.#id };
    const ETag = await this.#call.attempt((signal) =>
      putBytes(this.#connection, { key: this.#key, query, headers: {}, body: bytes }, signal),
    );
    this.#parts.push({ PartNumber, ETag });
  }

  /** A lost reply is settled by the mark: the service has forgotten the upload, and the object bears it. */
  #complete(mark: string): Promise<string> {
    const { ifMatch, ifNoneMatch } = this.#call;
    const input = {
      Bucket: this.#settings.bucket,
      Key: this.#key,
      UploadId: this.#id,
      MultipartUpload: { Parts: this.#parts.sort((a, b) => a.PartNumber - b.PartNumber) },
      IfMatch: ifMatch,
      IfNoneMatch: ifNoneMatch,
    };
    return this.#call.attempt((abortSignal) =>
      this.#connection.send(async (sdk, client) => {
        try {
          const { ETag } = await client.send(new sdk.CompleteMultipartUploadCommand(input), { abortSignal });
          return unquoted(ETag) ?? "";
        } catch (cause) {
          if (factsOfFailure(cause).code !== "NoSuchUpload") throw cause;
          const facts = await headObject(this.#connection, this.#key, { ...this.#call, signal: abortSignal });
          if (facts.internal[writeId] !== mark) throw cause;
          return facts.etag;
        }
      }),
    );
  }

  /** By a signal of its own: the call's has often aborted. What stays is for `sweep`. */
  async #abort(): Promise<void> {
    const input = { Bucket: this.#settings.bucket, Key: this.#key, UploadId: this.#id };
    for (let attempt = 1; attempt <= abortAttempts; attempt++) {
      try {
        await this.#connection.send((sdk, client) => client.send(new sdk.AbortMultipartUploadCommand(input)));
        return;
      } catch (cause) {
        const { status } = factsOfFailure(cause);
        if (status !== undefined && status < 500) return;
      }
    }
  }
}
