import {
  type Attributes,
  type Body,
  type Bytes,
  NotSupportedError,
  type WriteCall,
  type WriteFacts,
} from "@storage/core";
import type { Connection, ObjectRequest } from "./connection.ts";
import { headersOf, inputOf, unquoted } from "./object-input.ts";
import { PartedUpload } from "./parted-upload.ts";
import { partsOf } from "./parts.ts";
import type { S3PutOptions } from "./s3-options.ts";

export interface UploadSettings {
  readonly bucket: string;
  /** Bytes of a part. */
  readonly partSize: number;
  /** Parts at once. */
  readonly concurrency: number;
  readonly maxParts: number;
  readonly conditionalParts: boolean;
}

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
  const put = async (bytes: Bytes, signal: AbortSignal): Promise<WriteFacts> => {
    const headers = { ...headersOf(inputOf(attributes, options)), ...conditionsOf(call) };
    return { size: bytes.length, etag: await putBytes(connection, { key, headers, body: bytes }, signal) };
  };
  if (body.bytes !== undefined) return await put(body.bytes, call.signal);
  const partSize = partSizeFor(settings, body.size);
  const parts = partsOf(body.stream, partSize);
  try {
    const { value: first = new Uint8Array(0) } = await parts.next();
    const second = await parts.next();
    if (second.done) return await call.attempt((signal) => put(first, signal));
    if ((call.ifMatch ?? call.ifNoneMatch) !== undefined && !settings.conditionalParts)
      throw new NotSupportedError(
        `this service keeps conditions of a single request only: the body has to fit into partSize (${partSize} bytes)`,
      );
    const upload = new PartedUpload(connection, settings, key, call);
    return await upload.run([first, second.value], parts, attributes, options);
  } finally {
    await parts.return(undefined);
  }
}

/** PutObject and UploadPart. */
export async function putBytes(
  connection: Connection,
  request: Omit<ObjectRequest, "method">,
  signal: AbortSignal,
): Promise<string> {
  const { headers, body } = await connection.request({ method: "PUT", ...request }, signal);
  body.resume();
  return unquoted(headers.etag) ?? "";
}

function conditionsOf({ ifMatch, ifNoneMatch }: WriteCall): Record<string, string> {
  if (ifMatch !== undefined) return { "if-match": `"${ifMatch}"` };
  return ifNoneMatch === undefined ? {} : { "if-none-match": ifNoneMatch };
}

/** So large that a declared length fits into as many parts as the service takes. */
function partSizeFor({ partSize, maxParts }: UploadSettings, size: number = 0): number {
  return Math.max(partSize, Math.ceil(size / maxParts));
}
