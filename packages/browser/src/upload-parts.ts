import { type Answer, exchange } from "./exchange.ts";
import { begin, forget, remember } from "./pending-upload.ts";
import type { Progress } from "./progress.ts";
import { send } from "./send.ts";
import type { SignedParts, SignedUpload } from "./signed-upload.ts";
import { UploadError } from "./upload-error.ts";

export interface PartsTerms {
  readonly signed: SignedUpload;
  readonly parts: SignedParts;
  readonly file: Blob;
  readonly concurrency: number;
  readonly progress: Progress;
  /** Where it is remembered. Undefined: nowhere. */
  readonly place: string | undefined;
  /** Ends all requests; aborted by what comes first, the caller or a part that fails. */
  readonly ending: AbortController;
  /** The caller's. */
  readonly signal: AbortSignal | undefined;
}

/** Milliseconds that the caller of an abort waits for the service to hear of it. */
const farewell = 5000;

/** Sends the parts that are missing, and has them put together. */
export async function uploadParts(terms: PartsTerms): Promise<Answer> {
  const { signed, parts, place, ending, signal } = terms;
  try {
    const answer = await complete(terms, await sendParts(terms));
    forget(place, signed);
    return answer;
  } catch (error) {
    ending.abort(error);
    const status = error instanceof UploadError && !error.retryable ? (error.status ?? 0) : 0;
    const isRefused = status >= 400 && status < 500;
    // What was refused would be refused again. What failed can go on later.
    if (isRefused || signal?.aborted) {
      forget(place, signed);
      await giveUp(parts.abortUrl);
    }
    throw error;
  }
}

/** Best effort: what the service does not hear of, its owner's sweep removes. */
async function giveUp(url: string): Promise<void> {
  try {
    await exchange({ method: "DELETE", url, signal: AbortSignal.timeout(farewell) });
  } catch {
    // Nothing depends on it.
  }
}

async function sendParts(terms: PartsTerms): Promise<readonly string[]> {
  const { signed, parts, file, concurrency, progress, place, ending } = terms;
  const { urls, partSize } = parts;
  const known = begin(place, signed);
  const etags = urls.map((_, at) => known[at]);
  const bodyOf = (at: number): Blob => file.slice(at * partSize, (at + 1) * partSize);
  const missing = [...urls.entries()].filter(([at]) => etags[at] === undefined);
  progress.resumed(missing.reduce((bytes, [at]) => bytes - bodyOf(at).size, file.size));
  const rest = missing.values();
  const work = async (): Promise<void> => {
    for (const [at, url] of rest) {
      const body = bodyOf(at);
      const { signal } = ending;
      const onSent = progress.of(at, body.size);
      const part = { url, body, signal, onSent, file: body };
      const answer = await send({ method: "PUT", ...part, stores: false, echo: 404 });
      const etag = etagOf(answer);
      etags[at] = etag;
      remember(place, signed, at, etag);
      progress.sent(at, body.size);
    }
  };
  const working = Array.from({ length: concurrency }, () =>
    work().catch((error: unknown) => {
      ending.abort(error);
      throw error;
    }),
  );
  await Promise.all(working);
  return etags.map((etag = "") => etag);
}

function etagOf({ status, header }: Answer): string {
  const etag = header("etag");
  if (etag !== undefined) return etag;
  const message =
    "The service hides the ETag header from this page: add ETag to ExposeHeaders in the CORS settings of the bucket.";
  throw new UploadError({ code: "Configuration", message, status });
}

const escaped = (etag: string): string => etag.replace(/&/g, "&amp;").replace(/</g, "&lt;");

async function complete({ parts, ending }: PartsTerms, etags: readonly string[]): Promise<Answer> {
  const list = etags.map(
    (etag, at) => `<Part><PartNumber>${at + 1}</PartNumber><ETag>${escaped(etag)}</ETag></Part>`,
  );
  return await send({
    method: "POST",
    url: parts.completeUrl,
    headers: { "content-type": "application/xml" },
    body: `<CompleteMultipartUpload>${list.join("")}</CompleteMultipartUpload>`,
    signal: ending.signal,
    stores: true,
    echo: 404,
    // S3 sends its 200 before it knows, and an error in its body; our own handlers answer in JSON.
    accepts: ({ text }) => /<CompleteMultipartUploadResult|^\s*\{/.test(text),
  });
}
