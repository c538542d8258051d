import { StorageError, type StorageErrorCode, utf8Length } from "@storage/core";
import type { HttpAnswer } from "./http-answer.ts";
import { HttpError } from "./http-error.ts";
import type { HttpRequest } from "./http-request.ts";
import { jsonAnswer } from "./json-answer.ts";
import { behind, statusOf } from "./status-of.ts";

/** For whoever follows a link. What an error says of itself is for the server's owner and stays here. */
const sentences: Readonly<Partial<Record<StorageErrorCode, string>>> = {
  FileNotFound: "There is no such file.",
  PermissionDenied: "The server may not do this.",
  InvalidKey: "This is not a name that a file can have.",
  InvalidArgument: "The request is not valid.",
  Infected: "The file was refused by a virus scanner.",
  KeyConflict: "Another file is in the way of this name.",
  PreconditionFailed: "The file was changed, or is there already.",
  TooLarge: "The file is too large.",
  RangeNotSatisfiable: "The file does not have the bytes that were asked for.",
  RateLimited: "Too many requests: please try again later.",
  NotSupported: "The server cannot do this.",
  QuotaExceeded: "There is no space left for the file.",
  Timeout: "The storage took too long: please try again later.",
};
const unavailable = "The storage is not available: please try again later.";
const broken = "Something went wrong on the server.";

interface Failure {
  readonly status: number;
  readonly code: string;
  readonly sentence: string;
}

/**
 * One sentence and the code; as plain text for a person in a browser, else as JSON. Where a body that
 * was stored failed with an error of ours, the answer is about that one.
 */
export function errorAnswer(failure: unknown, request: Pick<HttpRequest, "method" | "headers">): HttpAnswer {
  const error = behind(failure);
  const { status, code, sentence } = failureOf(error);
  const asText = request.headers.get("accept")?.includes("text/html") === true;
  const body = asText ? `${sentence} (${code})\n` : JSON.stringify({ error: code, message: sentence });
  const more: Record<string, string> = { "content-length": String(utf8Length(body)), vary: "Accept" };
  if (asText) more["content-type"] = "text/plain; charset=utf-8";
  if (StorageError.is(error) && error.retryAfter !== undefined)
    more["retry-after"] = String(Math.ceil(error.retryAfter));
  const answer = jsonAnswer(status, body, more);
  return request.method === "HEAD" ? { ...answer, body: undefined } : answer;
}

function failureOf(error: unknown): Failure {
  const status = statusOf(error);
  if (HttpError.is(error)) return { status, code: error.code, sentence: error.message };
  if (!StorageError.is(error)) return { status, code: "Unknown", sentence: broken };
  const otherwise = status === 503 ? unavailable : broken;
  return { status, code: error.code, sentence: sentences[error.code] ?? otherwise };
}
