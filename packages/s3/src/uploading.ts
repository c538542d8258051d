import type { Attributes, Body, Bytes, WriteCall, WriteFacts } from "@storage/core";
import type { Answer, Connection } from "./connection.ts";
import { unlikeS3 } from "./failure.ts";
import { MultipartUpload, type Part } from "./multipart-upload.ts";
import { unquoted } from "./object-headers.ts";
import { PartMemory, partsOf } from "./parts.ts";
import type { S3PutOptions } from "./s3-options.ts";
import type { Spool } from "./spool.ts";

export interface UploadSettings {
  /** Bytes of a part. */
  readonly partSize: number;
  /** Parts at once. */
  readonly concurrency: number;
  /** Of one upload. */
  readonly maxParts: number;
  /** Whether a condition holds for an upload in parts, too. A stream with one is spooled where it does not. */
  readonly conditionalParts: boolean;
}

/** Bytes of one PutObject ("Amazon S3 multipart upload limits" in the S3 user guide). */
export const largestPut: number = 5 * 2 ** 30;

/** Bytes, and a stream that ends within a part, in one request; everything else in parts. */
export async function writeObject(
  connection: Connection,
  settings: UploadSettings,
  key: string,
  body: Body,
  attributes: Attributes,
  call: WriteCall,
): Promise<WriteFacts> {
  const options: S3PutOptions | undefined = call.provider;
  const put = async (sent: Bytes | Spool, signal: AbortSignal): Promise<WriteFacts> => {
    const headers = {
      ...connection.objectHeaders.headersOf(attributes, options),
      ...conditionsOf(connection, call),
    };
    const answer = await connection.request({ method: "PUT", key, headers, body: sent }, signal);
    answer.body.resume();
    return { size: sent.length, etag: etagOf(answer) };
  };
  if (body.bytes !== undefined) return await put(body.bytes, call.signal);
  const memory = new PartMemory(partSizeFor(settings, body.size));
  const parts = partsOf(body.stream, memory);
  try {
    const { value: first = new Uint8Array(0) } = await parts.next();
    const second = await parts.next();
    if (second.done) return await call.attempt((signal) => put(first, signal), first.length);
    const all = following([first, second.value], parts);
    const isConditional = (call.ifMatch ?? call.ifNoneMatch) !== undefined;
    if (isConditional && !settings.conditionalParts) {
      const { Spool } = await import("./spool.ts");
      await using spool = await Spool.of(all, largestPut);
      return await call.attempt((signal) => put(spool, signal), spool.length);
    }
    const upload = new MultipartUpload(connection, settings, key, call);
    return await upload.run({
      parts: sentBy(connection, key, all, memory),
      attributes,
      options,
      conditions: call,
    });
  } finally {
    await parts.return(undefined);
  }
}

/** Every S3 answers a PUT with one: what has none has stored nothing. */
function etagOf({ headers }: Answer): string {
  const etag = unquoted(headers.etag);
  if (!etag) throw unlikeS3("etag");
  return etag;
}

async function* following(
  first: readonly Bytes[],
  rest: AsyncIterable<Bytes>,
): AsyncGenerator<Bytes, undefined, undefined> {
  yield* first;
  yield* rest;
}

async function* sentBy(
  connection: Connection,
  key: string,
  bodies: AsyncIterable<Bytes>,
  memory: PartMemory,
): AsyncGenerator<Part, undefined, undefined> {
  for await (const body of bodies)
    yield {
      size: body.length,
      send: async ({ uploadId, number }, signal) => {
        const query = { partNumber: String(number), uploadId };
        const answer = await connection.request({ method: "PUT", key, query, headers: {}, body }, signal);
        answer.body.resume();
        if (!answer.headers.etag) throw unlikeS3("etag");
        if (answer.isWholeSent) memory.giveBack(body);
        return { ETag: answer.headers.etag, ChecksumCRC32: answer.headers["x-amz-checksum-crc32"] };
      },
    };
}

function conditionsOf(
  { objectHeaders }: Connection,
  { ifMatch, ifNoneMatch }: WriteCall,
): Record<string, string> {
  if (ifMatch !== undefined) return { "if-match": objectHeaders.writtenEtag(ifMatch) };
  return ifNoneMatch === undefined ? {} : { "if-none-match": ifNoneMatch };
}

/** So large that a declared length fits into as many parts as the service takes. */
export function partSizeFor({ partSize, maxParts }: UploadSettings, size: number = 0): number {
  return Math.max(partSize, Math.ceil(size / maxParts));
}
