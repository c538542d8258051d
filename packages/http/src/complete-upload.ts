import {
  InvalidArgumentError,
  type ObjectMetadata,
  PreconditionFailedError,
  type PutOptions,
  type PutResult,
  type SignedRequest,
  type SignedUploadTerms,
  type StorageBackend,
  StorageError,
} from "@storage/core";
import { invalid } from "./completion-document.ts";
import type { HttpAnswer } from "./http-answer.ts";
import { HttpError } from "./http-error.ts";
import type { HttpRequest } from "./http-request.ts";
import { attributesOf, clientsOwn, created, createdAnswer } from "./receive-upload.ts";
import { conditionsOf } from "./upload-headers.ts";
import type { UploadState, WaitingUpload } from "./waiting-upload.ts";

export interface Completion {
  readonly backend: StorageBackend;
  readonly upload: WaitingUpload;
  readonly link: SignedRequest;
  readonly request: HttpRequest;
  /** Of the parts, in order, as the client was told them. */
  readonly etags: readonly string[];
}

/**
 * Puts the parts together in one put, so that the object is there whole or not at all; when that fails
 * they stay, and the client can try again. A client whose answer was lost asks again and gets the same
 * one: what the upload came to is kept beside the parts. To end goes on when the client goes away, since
 * large objects take longer than some proxies wait.
 */
export async function completeUpload(completion: Completion): Promise<HttpAnswer> {
  const { backend, upload, link } = completion;
  const { upload: terms, partSize } = link;
  if (terms?.size === undefined || partSize === undefined)
    throw new InvalidArgumentError("the link holds no terms of an upload in parts");
  const state = await upload.state();
  if (state?.status === "aborted") throw new HttpError(404, "FileNotFound", "This upload was given up.");
  if (state?.status === "done") return createdAnswer(state);
  const current = await currentOf(backend, link.key);
  // A process that ended after its put and before it could say so.
  if (state !== undefined && current !== undefined && current.etag !== state.before)
    return await settle(upload, terms, current);
  await checkParts(completion, Math.max(1, Math.ceil(terms.size / partSize)));
  if (state === undefined) await upload.setState({ status: "begun", before: current?.etag ?? null });
  return await store(completion, terms, conditionsFor(completion, terms, state, current));
}

async function currentOf(backend: StorageBackend, key: string): Promise<ObjectMetadata | undefined> {
  try {
    return await backend.getMetadata(key);
  } catch (error) {
    if (StorageError.is(error, "FileNotFound")) return undefined;
    throw error;
  }
}

/** @throws PreconditionFailedError where what is there now can't be ours. */
async function settle(
  upload: WaitingUpload,
  { size }: SignedUploadTerms,
  current: ObjectMetadata,
): Promise<HttpAnswer> {
  if (current.size !== size) throw new PreconditionFailedError("the object was replaced meanwhile");
  return await finish(upload, current);
}

/** A second try after a process ended never goes over what somebody wrote since the first. */
function conditionsFor(
  { request }: Completion,
  terms: SignedUploadTerms,
  state: UploadState | undefined,
  current: ObjectMetadata | undefined,
): Pick<PutOptions, "ifMatch" | "ifNoneMatch"> {
  const asked = conditionsOf(request.headers, terms);
  if (state === undefined || (asked.ifMatch ?? asked.ifNoneMatch) !== undefined) return asked;
  return current === undefined ? { ifNoneMatch: "*" } : { ifMatch: current.etag };
}

async function checkParts({ upload, etags }: Completion, count: number): Promise<void> {
  if (etags.length > count) throw invalid(`The upload has ${count} parts, and the list names more.`);
  const received = await upload.received();
  for (let part = 1; part <= count; part++) {
    const etag = etags[part - 1];
    if (etag === undefined) throw invalid(`Part ${part} is missing from the list.`);
    if (received.get(part)?.etag !== etag)
      throw invalid(`Part ${part} is not here with this ETag: send it again, and then the list.`);
  }
}

async function store(
  { backend, upload, link, etags }: Completion,
  terms: SignedUploadTerms,
  conditions: Pick<PutOptions, "ifMatch" | "ifNoneMatch">,
): Promise<HttpAnswer> {
  let lost: HttpError | undefined;
  async function* joined(): AsyncGenerator<Uint8Array> {
    for (const [at, etag] of etags.entries()) {
      try {
        yield* upload.read(at + 1, etag);
      } catch (error) {
        if (StorageError.is(error, "PreconditionFailed") || StorageError.is(error, "FileNotFound"))
          lost = invalid(`Part ${at + 1} was replaced or removed meanwhile.`);
        throw error;
      }
    }
  }
  try {
    const { size, sha256 } = terms;
    const checksum = sha256 === undefined ? undefined : { sha256 };
    const options = { ...attributesOf(terms), ...conditions, size, checksum };
    return await finish(upload, await backend.put(link.key, joined(), options));
  } catch (error) {
    if (!StorageError.is(error) || error.outcome !== "unknown") await upload.clearState();
    throw lost ?? clientsOwn(error);
  }
}

/** The object is there: what fails now is no failure of the upload, and a sweep removes what is left. */
async function finish(upload: WaitingUpload, result: Omit<PutResult, "url">): Promise<HttpAnswer> {
  const answer = created(result);
  await upload.setState({ status: "done", ...answer }).catch(() => {});
  await upload.removeParts().catch(() => {});
  return createdAnswer(answer);
}
