import { StorageError, utf8Length } from "@storage/core";
import type { HttpAnswer } from "./http-answer.ts";
import type { HttpRequest } from "./http-request.ts";
import { jsonAnswer } from "./json-answer.ts";
import { behind, failureOf } from "./status-of.ts";

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
