import type { CopyObjectCommandOutput } from "@aws-sdk/client-s3";
import {
  type Attributes,
  type CopyCall,
  checkRead,
  copiedAttributes,
  type ObjectFacts,
  StorageError,
  UnavailableError,
  writeId,
} from "@storage/core";
import type { Connection } from "./connection.ts";
import { factsOfFailure, unlikeS3 } from "./failure.ts";
import { encodeKey } from "./keys.ts";
import { MultipartUpload, type Part } from "./multipart-upload.ts";
import { unquoted } from "./object-headers.ts";
import { headObject, presenceOf } from "./reading.ts";
import type { UploadSettings } from "./uploading.ts";

export interface CopySettings extends UploadSettings {
  /** Bytes. What is larger is copied in parts. */
  readonly copyThreshold: number;
  readonly copyIfMatch: boolean;
}

/** Bytes of a part that is copied, at most: larger ones are no faster. */
const copiedPart = 256 * 2 ** 20;

/** How often a copy is begun again whose source was changed meanwhile. */
const turns = 3;

/** The source is looked at first, and copied as it was then: what the answer of a copy does not tell is known so. */
export async function copyObject(
  connection: Connection,
  settings: CopySettings,
  source: string,
  target: string,
  call: CopyCall,
): Promise<ObjectFacts> {
  const copy = new Copy(connection, settings, source, target, call);
  for (let turn = 1; ; turn++) {
    const found = await copy.head(source);
    checkRead(found, { ifMatch: call.ifMatch });
    try {
      return await copy.of(found);
    } catch (cause) {
      if (!isFailedCondition(cause) || !(await copy.mayBegin())) throw cause;
      if (turn === turns)
        throw new UnavailableError("the source is changed again and again", { outcome: "not-applied" });
    }
  }
}

const isFailedCondition = (cause: unknown): boolean =>
  StorageError.is(cause, "PreconditionFailed") || factsOfFailure(cause).code === "PreconditionFailed";

interface Source {
  readonly CopySource: string;
  readonly CopySourceIfMatch?: string;
}

/** One call: its requests have a clock and retries each, since a copy takes as long as its bytes take. */
class Copy {
  readonly #connection: Connection;
  readonly #settings: CopySettings;
  readonly #source: string;
  readonly #target: string;
  readonly #call: CopyCall;

  constructor(
    connection: Connection,
    settings: CopySettings,
    source: string,
    target: string,
    call: CopyCall,
  ) {
    this.#connection = connection;
    this.#settings = settings;
    this.#source = source;
    this.#target = target;
    this.#call = call;
  }

  head(key: string): Promise<ObjectFacts> {
    return this.#call.attempt((signal) => headObject(this.#connection, key, { ...this.#call, signal }));
  }

  /** Whether a condition that failed was ours, of the source, and no one of the caller's. */
  async mayBegin(): Promise<boolean> {
    const { ifMatch, ifNoneMatch } = this.#call;
    if (ifMatch !== undefined) return false;
    return (
      ifNoneMatch === undefined ||
      (await presenceOf(this.#connection, this.#target, this.#call)) === "missing"
    );
  }

  async of(found: ObjectFacts): Promise<ObjectFacts> {
    const { objectHeaders, target } = this.#connection;
    const attributes: Attributes = { ...copiedAttributes(found), ...this.#call.replace };
    const from = {
      CopySource: `${target.Bucket}/${encodeKey(this.#source)}`,
      ...(this.#settings.copyIfMatch ? { CopySourceIfMatch: objectHeaders.writtenEtag(found.etag) } : {}),
    };
    if (found.size > this.#settings.copyThreshold) return await this.#inParts(found, from, attributes);
    return await this.#atOnce(found, from, attributes);
  }

  /** Also where the condition of each part is said to be kept: it is one request more, for gibibytes. */
  async #inParts(found: ObjectFacts, from: Source, attributes: Attributes): Promise<ObjectFacts> {
    const upload = new MultipartUpload(this.#connection, this.#settings, this.#target, this.#call);
    await upload.run({
      parts: copiedRanges(this.#connection, this.#settings, from, found.size, this.#target),
      attributes,
      conditions: { ifNoneMatch: this.#call.ifNoneMatch },
      check: () => this.#isStill(found),
    });
    return await this.head(this.#target);
  }

  async #atOnce(found: ObjectFacts, from: Source, attributes: Attributes): Promise<ObjectFacts> {
    const { replace, ifNoneMatch } = this.#call;
    const keeps = replace === undefined && found.internal[writeId] === undefined;
    const { objectHeaders } = this.#connection;
    const copy = (signal: AbortSignal): Promise<CopyObjectCommandOutput> =>
      this.#connection.send(
        (sdk, to) =>
          new sdk.CopyObjectCommand({
            ...to,
            ...from,
            Key: this.#target,
            IfNoneMatch: ifNoneMatch,
            ...(keeps ? {} : { ...objectHeaders.inputOf(attributes), MetadataDirective: "REPLACE" }),
          }),
        signal,
      );
    // After a lost reply another one would fail over what the first has done.
    const { CopyObjectResult: result } =
      ifNoneMatch === undefined ? await this.#call.attempt(copy, found.size) : await copy(this.#call.signal);
    if (result?.ETag === undefined) throw unlikeS3("etag");
    const etag = unquoted(result.ETag);
    // Bytes of one write and attributes of another would be no copy of either.
    if (!keeps && etag !== found.etag && !this.#settings.copyIfMatch) await this.#isStill(found);
    // Another etag: of parts, which are one now, or of a source that was changed meanwhile.
    if (etag !== found.etag || result.LastModified === undefined) return await this.head(this.#target);
    return { ...attributes, size: found.size, etag, lastModified: result.LastModified };
  }

  /** @throws PreconditionFailedError where the source is another one by now. */
  async #isStill(found: ObjectFacts): Promise<void> {
    checkRead(await this.head(this.#source), { ifMatch: found.etag });
  }
}

function* copiedRanges(
  connection: Connection,
  { copyThreshold, maxParts }: CopySettings,
  from: Source,
  size: number,
  target: string,
): Generator<Part, undefined, undefined> {
  const partSize = Math.max(Math.min(copyThreshold, copiedPart), Math.ceil(size / maxParts));
  for (let start = 0; start < size; start += partSize) {
    const end = Math.min(size, start + partSize);
    yield {
      size: end - start,
      send: async ({ uploadId, number }, signal) => {
        const { CopyPartResult } = await connection.send(
          (sdk, to) =>
            new sdk.UploadPartCopyCommand({
              ...to,
              ...from,
              Key: target,
              UploadId: uploadId,
              PartNumber: number,
              CopySourceRange: `bytes=${start}-${end - 1}`,
            }),
          signal,
        );
        if (CopyPartResult?.ETag === undefined) throw unlikeS3("etag");
        return { ETag: CopyPartResult.ETag, ChecksumCRC32: CopyPartResult.ChecksumCRC32 };
      },
    };
  }
}
