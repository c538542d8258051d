import {
  InvalidArgumentError,
  NotSupportedError,
  type SignedRequest,
  type Signer,
  type StorageBackend,
} from "@storage/core";
import { type Completion, completeUpload } from "./complete-upload.ts";
import { readCompletion } from "./completion-document.ts";
import type { HttpAnswer } from "./http-answer.ts";
import { HttpError } from "./http-error.ts";
import type { HttpRequest } from "./http-request.ts";
import { inTurn } from "./in-turn.ts";
import { clientsOwn } from "./receive-upload.ts";
import { checkPartHeaders, conditionsOf, declaredLength } from "./upload-headers.ts";
import { WaitingUpload } from "./waiting-upload.ts";

/**
 * The links of an upload in parts, with the requests of S3: PUT sends a part, as often as it takes, in
 * any order; POST puts all of them together; DELETE gives the upload up. Only the POST writes an object.
 */
export async function receiveParts(
  { parts, backend }: Signer,
  link: SignedRequest,
  request: HttpRequest,
): Promise<HttpAnswer> {
  const { uploadId, method } = link;
  if (parts === undefined || uploadId === undefined)
    throw new NotSupportedError("there is no place for parts here");
  const upload = new WaitingUpload(parts, uploadId);
  if (method === "PUT") return await receivePart(upload, link, request);
  if (method === "DELETE") return await inTurn(uploadId, () => abortUpload(upload));
  const completion = await completionOf(backend, upload, link, request);
  return await inTurn(uploadId, () => completeUpload(completion));
}

async function completionOf(
  backend: StorageBackend,
  upload: WaitingUpload,
  { key, upload: terms, partSize }: SignedRequest,
  request: HttpRequest,
): Promise<Completion> {
  if (terms?.size === undefined || partSize === undefined)
    throw new InvalidArgumentError("the link holds no terms of an upload in parts");
  const conditions = conditionsOf(request.headers, terms);
  const count = Math.max(1, Math.ceil(terms.size / partSize));
  return { backend, upload, key, terms, conditions, count, etags: await readCompletion(request) };
}

async function receivePart(
  upload: WaitingUpload,
  { part, partSize }: SignedRequest,
  request: HttpRequest,
): Promise<HttpAnswer> {
  if (part === undefined || partSize === undefined) throw new InvalidArgumentError("the link names no part");
  checkPartHeaders(request.headers, { size: partSize }, declaredLength(request));
  const status = (await upload.state())?.status;
  if (status === "done" || status === "aborted")
    throw new HttpError(404, "FileNotFound", "This upload has ended: it takes no more parts.");
  try {
    const etag = await upload.receive(part, request.body ?? new Uint8Array(), {
      ...conditionsOf(request.headers, {}),
      size: partSize,
      maxBytes: partSize,
      signal: request.signal,
    });
    return { status: 200, headers: { etag: `"${etag}"`, "cache-control": "no-store" } };
  } catch (error) {
    throw clientsOwn(error);
  }
}

/** What was put together stays; the answer is the same then, as it is the second time. */
async function abortUpload(upload: WaitingUpload): Promise<HttpAnswer> {
  if ((await upload.state())?.status !== "done") {
    // The parts first: where the disk is full, there is room for the mark afterwards.
    await upload.removeParts();
    await upload.setState({ status: "aborted" });
  }
  return { status: 204, headers: { "cache-control": "no-store" } };
}
