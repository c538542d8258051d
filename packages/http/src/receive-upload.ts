import {
  InvalidArgumentError,
  type PutOptions,
  type PutResult,
  type SignedRequest,
  type SignedUploadTerms,
  type StorageBackend,
  type StorageData,
  StorageError,
} from "@storage/core";
import type { HttpAnswer } from "./http-answer.ts";
import { HttpError } from "./http-error.ts";
import type { HttpRequest } from "./http-request.ts";
import { jsonAnswer } from "./json-answer.ts";
import { brokenOff } from "./refusals.ts";
import { behind } from "./status-of.ts";
import { checkUploadHeaders, conditionsOf, declaredLength } from "./upload-headers.ts";

type UploadBody = NonNullable<HttpRequest["body"]>;

/**
 * One PUT to a signed upload link. The body goes straight to the storage, which stores all of it or
 * nothing; what is stored beside it is what was signed. A link can be used again until it expires,
 * and then replaces what it stored before, save when `ifNoneMatch` was signed.
 */
export async function receiveUpload(
  backend: StorageBackend,
  link: SignedRequest,
  request: HttpRequest,
): Promise<HttpAnswer> {
  const { key, upload: terms } = link;
  if (terms === undefined) throw new InvalidArgumentError("the link holds no terms of an upload");
  const length = declaredLength(request);
  checkUploadHeaders(request.headers, terms, length);
  const { minBytes = 0, maxBytes, size } = terms;
  try {
    const result = await backend.put(key, atLeast(minBytes, request.body), {
      ...putOptionsOf(terms),
      ...conditionsOf(request.headers, terms),
      size: size ?? length,
      maxBytes: size ?? maxBytes,
      signal: request.signal,
    });
    return createdAnswer(created(result));
  } catch (error) {
    throw clientsOwn(error);
  }
}

/** What holds for the object, however its bytes come. */
export function putOptionsOf({ attributes, sha256 }: SignedUploadTerms): PutOptions {
  const { internal: _, ...others } = attributes;
  return { ...others, checksum: sha256 === undefined ? undefined : { sha256 } };
}

/** Ends by throwing when there are fewer bytes, so that nothing is stored. */
function atLeast(minBytes: number, body: HttpRequest["body"]): StorageData {
  if (body === null || body === undefined) return new Uint8Array();
  return minBytes === 0 ? body : counted(minBytes, body);
}

async function* counted(minBytes: number, body: UploadBody): AsyncGenerator<Uint8Array> {
  let received = 0;
  for await (const chunk of body) {
    received += chunk.length;
    yield chunk;
  }
  if (received < minBytes)
    throw new InvalidArgumentError(`the body has ${received} bytes of at least ${minBytes}`);
}

/** The source is the client: when it fails with nothing of ours, or sends other bytes than were signed, the request was bad. */
export function clientsOwn(error: unknown): unknown {
  if (StorageError.is(error, "SourceFailed") && behind(error) === error) return brokenOff(error);
  if (StorageError.is(error, "Integrity"))
    return new HttpError(400, error.code, "The bytes are not those that the link was made for.");
  return error;
}

/** What an upload stored, as the client is told it. */
export interface Created {
  readonly etag: string;
  /** As JSON. */
  readonly body: string;
}

/** Without `url`: who may upload may not read for that. */
export function created(result: Omit<PutResult, "url">): Created {
  const { key, size, contentType, etag, lastModified, metadata } = result;
  return { etag, body: JSON.stringify({ key, size, contentType, etag, lastModified, metadata }) };
}

export const createdAnswer = ({ etag, body }: Created): HttpAnswer =>
  jsonAnswer(201, body, { etag: `"${etag}"` });
