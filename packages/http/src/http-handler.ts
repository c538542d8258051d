import type { HttpAnswer } from "./http-answer.ts";
import type { HttpRequest } from "./http-request.ts";

/** Answers every request: what goes wrong becomes an answer too. */
export type HttpHandler = (request: HttpRequest) => Promise<HttpAnswer>;
