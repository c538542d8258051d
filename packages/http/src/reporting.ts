import { errorAnswer } from "./error-answer.ts";
import type { HttpHandler } from "./http-handler.ts";

/** Answers what goes wrong too; `onError` is told of what is answered with a 5xx to a client that still waits. */
export function reporting(
  onError: ((error: unknown) => void) | undefined,
  handler: HttpHandler,
): HttpHandler {
  return async (request) => {
    try {
      return await handler(request);
    } catch (error) {
      const answer = errorAnswer(error, request);
      if (answer.status >= 500 && !request.signal.aborted) onError?.(error);
      return answer;
    }
  };
}
