import {
  type ObjectMetadata,
  PreconditionFailedError,
  type PutOptions,
  type PutResult,
  type SignedUploadTerms,
  type StorageBackend,
  StorageError,
} from "@storage/core";
import type { HttpAnswer } from "./http-answer.ts";
import { HttpError } from "./http-error.ts";
import { clientsOwn, created, createdAnswer, putOptionsOf } from "./receive-upload.ts";
import { invalid } from "./refusals.ts";
import type { WaitingUpload } from "./waiting-upload.ts";

type Conditions = Pick<PutOptions, "ifMatch" | "ifNoneMatch">;

/** All that ends one upload. */
export interface Completion {
  readonly backend: StorageBackend;
  readonly upload: WaitingUpload;
  readonly key: string;
  readonly terms: SignedUploadTerms;
  /** Those that were signed, and what the client asks for beside them. */
  readonly conditions: Conditions;
  /** How many parts there are. */
  readonly count: number;
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
  try {
    return await complete(completion);
  } catch (error) {
    // Another process, perhaps, has ended it meanwhile and removed the parts, or has ended itself.
    const ended = await currentOf(completion)
      .then((current) => endOf(completion, current))
      .catch(() => undefined);
    if (ended === undefined) throw error;
    return ended;
  }
}

async function complete(completion: Completion): Promise<HttpAnswer> {
  const current = await currentOf(completion);
  const ended = await endOf(completion, current);
  if (ended !== undefined) return ended;
  await checkParts(completion);
  const claim = await completion.upload.claim(current?.etag ?? null);
  if (claim === undefined) return await store(unlessChanged(completion, current));
  try {
    return await store(completion);
  } catch (error) {
    const isUnclear = StorageError.is(error) && error.outcome === "unknown";
    if (!isUnclear) await completion.upload.release(claim).catch(() => {});
    throw error;
  }
}

/** Who is not the first, which may have ended with its process, never goes over what somebody wrote since. */
function unlessChanged(completion: Completion, current: ObjectMetadata | undefined): Completion {
  const { ifMatch, ifNoneMatch } = completion.conditions;
  if (ifMatch !== undefined || ifNoneMatch !== undefined) return completion;
  const conditions: Conditions = current === undefined ? { ifNoneMatch: "*" } : { ifMatch: current.etag };
  return { ...completion, conditions };
}

async function currentOf({ backend, key }: Completion): Promise<ObjectMetadata | undefined> {
  try {
    return await backend.getMetadata(key);
  } catch (error) {
    if (StorageError.is(error, "FileNotFound")) return undefined;
    throw error;
  }
}

/**
 * The answer where the upload has ended already; undefined where it waits. A process may have ended
 * itself after its put and before it could say so: the object is another one then.
 *
 * @throws PreconditionFailedError where what is there in its place can't be ours.
 */
async function endOf(
  { upload, terms }: Completion,
  current: ObjectMetadata | undefined,
): Promise<HttpAnswer | undefined> {
  const state = await upload.state();
  if (state?.status === "aborted") throw new HttpError(404, "FileNotFound", "This upload was given up.");
  if (state?.status === "done") return createdAnswer(state);
  if (state === undefined || current === undefined || current.etag === state.before) return undefined;
  if (current.size !== terms.size) throw new PreconditionFailedError("the object was replaced meanwhile");
  return await finish(upload, current);
}

async function checkParts({ upload, etags, count }: Completion): Promise<void> {
  if (etags.length > count) throw invalid(`The upload has ${count} parts, and the list names more.`);
  const received = await upload.received();
  for (let part = 1; part <= count; part++) {
    const etag = etags[part - 1];
    if (etag === undefined) throw invalid(`Part ${part} is missing from the list.`);
    if (received.get(part)?.etag !== etag)
      throw invalid(`Part ${part} is not here with this ETag: send it again, and then the list.`);
  }
}

async function store({ backend, upload, key, terms, conditions, etags }: Completion): Promise<HttpAnswer> {
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
    const options = { ...putOptionsOf(terms), ...conditions, size: terms.size };
    return await finish(upload, await backend.put(key, joined(), options));
  } catch (error) {
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
