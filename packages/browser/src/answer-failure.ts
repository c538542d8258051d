import type { Answer } from "./exchange.ts";
import type { UploadFailure } from "./upload-error.ts";

/** S3 says them under statuses that are final otherwise: 400, 403 and 409. */
const passing =
  /^(RequestTimeout|SlowDown|OperationAborted|ConditionalRequestConflict|RequestRateLimitExceeded)$/;

/** What an answer says of itself, in our own JSON or in S3's XML. */
export function answerFailure({ status, text, header }: Answer): UploadFailure {
  // An answer that should be a success and is none: S3 sends 200 before it knows.
  const isUnclear = status < 300 || status >= 500;
  const isFinal = status === 501 || status === 507;
  const { code = "", message } = told(text);
  const isPassing = status === 408 || status === 429 || passing.test(code);
  return {
    code: code || "Unknown",
    message: message || `The server answered with status ${status}.`,
    status,
    retryable: (isUnclear && !isFinal) || isPassing,
    outcome: isUnclear && !isFinal ? "unknown" : "not-applied",
    retryAfter: secondsIn(header("retry-after")),
  };
}

function told(text: string): { readonly code?: string | undefined; readonly message?: string | undefined } {
  try {
    const { error, message } = Object(JSON.parse(text));
    return { code: textOr(error), message: textOr(message) };
  } catch {
    return { code: element(text, "Code"), message: element(text, "Message") };
  }
}

const textOr = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

const characters: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/** The text of the first element of that name in one of S3's documents. */
export function element(xml: string, name: string): string | undefined {
  const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  return text?.replace(/&#34;/g, '"').replace(/&(\w+);/g, (all, entity) => characters[entity] ?? all);
}

function secondsIn(value: string | undefined): number | undefined {
  const seconds = Number(value ?? Number.NaN);
  const found = Number.isNaN(seconds) ? (Date.parse(value ?? "") - Date.now()) / 1000 : seconds;
  return Number.isNaN(found) ? undefined : Math.max(0, found);
}
