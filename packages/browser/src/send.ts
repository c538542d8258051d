import { answerFailure } from "./answer-failure.ts";
import { type Answer, type Exchange, exchange } from "./exchange.ts";
import { UploadError, type UploadFailure } from "./upload-error.ts";

export interface Sending extends Exchange {
  /** What the body is read from: a file that changes or goes away fails as a network does. */
  readonly file?: Blob | undefined;
  /** Whether a success stores the file, so that a lost answer leaves it open. */
  readonly stores: boolean;
  /**
   * The status that a request gets when it was done before: 412 where there must be no object yet, 404 where an upload
   * is at its end. Then the file may be stored: browsers, too, send a request again when its connection breaks,
   * and do not tell.
   */
  readonly echo: number;
  /** Whether an answer of 2xx is a success. Default: each is. */
  readonly accepts?: ((answer: Answer) => boolean) | undefined;
}

const maxAttempts = 4;
/** Milliseconds: the first retry comes within them, each further one within twice as many. */
const firstDelay = 1000;
/** Seconds. A service that asks for more is not waited for: the page is told. */
const longestRetryAfter = 60;

/** A request, sent until it succeeds or fails for good. Sending it again does no harm. */
export async function send(sending: Sending): Promise<Answer> {
  let isUnclear = false;
  for (let attempt = 1; ; attempt++) {
    const found = await tried(sending);
    if (!("message" in found)) return found;
    const { retryable, retryAfter = 0, outcome } = found;
    if (!retryable || attempt === maxAttempts || retryAfter > longestRetryAfter)
      throw new UploadError(judged(found, isUnclear, sending));
    isUnclear ||= sending.stores && outcome === "unknown";
    const jitter = Math.random() * firstDelay * 2 ** (attempt - 1);
    await pause(retryAfter * 1000 + jitter, sending.signal);
  }
}

/** What a refusal means depends on what went before: the first try may be what stands in the second one's way. */
function judged(failure: UploadFailure, isUnclear: boolean, { stores, echo }: Sending): UploadFailure {
  if (failure.status === echo || isUnclear) {
    const lost = isUnclear ? " An earlier answer was lost: the file may be stored." : "";
    return { ...failure, message: failure.message + lost, outcome: "unknown" };
  }
  return stores ? failure : { ...failure, outcome: "not-applied" };
}

async function tried(sending: Sending): Promise<Answer | UploadFailure> {
  const { signal, file, accepts = () => true } = sending;
  try {
    const answer = await exchange(sending);
    const isDone = answer.status >= 200 && answer.status < 300 && accepts(answer);
    return isDone ? answer : answerFailure(answer);
  } catch (cause) {
    signal.throwIfAborted();
    return await networkFailure(file, cause);
  }
}

async function networkFailure(file: Blob | undefined, cause: unknown): Promise<UploadFailure> {
  try {
    await file?.slice(0, 1).arrayBuffer();
  } catch (cause) {
    const message = "The file can't be read: it was changed or removed meanwhile.";
    return { code: "SourceFailed", message, cause };
  }
  const message = "The server can't be reached, or does not let this page in.";
  return { code: "Unavailable", message, retryable: true, outcome: "unknown", cause };
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(clock);
      signal.removeEventListener("abort", end);
      if (signal.aborted) reject(signal.reason);
      else resolve();
    };
    const clock = setTimeout(end, milliseconds);
    signal.addEventListener("abort", end);
    if (signal.aborted) end();
  });
}
