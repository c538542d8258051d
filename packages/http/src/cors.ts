import { ConfigurationError } from "@storage/core";
import type { HttpAnswer } from "./http-answer.ts";
import type { HttpHandler } from "./http-handler.ts";
import type { HttpRequest } from "./http-request.ts";

export interface CorsOptions {
  /** Of the pages that may use signed links, such as "https://app.example.com"; "*" for every page. */
  readonly origins: readonly string[] | "*";
  /** Seconds for which a browser may keep the answer to a preflight. Default: 600. */
  readonly maxAge?: number | undefined;
}

const methods = "GET, HEAD, PUT, POST, DELETE";
const sent = "Content-Type, Range, If-Match, If-None-Match, If-Range, If-Modified-Since, If-Unmodified-Since";
/** What scripts see beside the headers that the Fetch standard shows them anyway. */
const shown = "ETag, Accept-Ranges, Content-Range, Content-Disposition, Content-Encoding, Retry-After";

/**
 * Lets pages of other origins use what stands behind it (the CORS protocol of the Fetch standard). Never
 * with credentials: a signed link is all that a client needs.
 *
 * @throws ConfigurationError for what is no origin.
 */
export function withCors(handler: HttpHandler, { origins, maxAge = 600 }: CorsOptions): HttpHandler {
  // In a single string, `includes` would find a part of an origin.
  const known = origins === "*" || (Array.isArray(origins) && origins.every(isOrigin));
  if (!known || !Number.isInteger(maxAge) || maxAge < 0)
    throw new ConfigurationError(
      'cors.origins are "*" or a list of origins such as "https://app.example.com", without a path; cors.maxAge is in seconds',
    );
  const allows = (origin: string | null): origin is string =>
    origin !== null && (origins === "*" || origins.includes(origin));
  return async (request) => {
    const origin = request.headers.get("origin");
    const answer = isPreflight(request) ? preflight(allows(origin), maxAge) : await handler(request);
    const headers: Record<string, string> = { ...answer.headers };
    if (origins !== "*") headers.vary = [headers.vary, "Origin"].filter(Boolean).join(", ");
    if (allows(origin)) {
      headers["access-control-allow-origin"] = origins === "*" ? "*" : origin;
      headers["access-control-expose-headers"] = shown;
    }
    return { ...answer, headers };
  };
}

/** As browsers send it. A star that stands for a part would never match. */
function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text && !text.includes("*");
}

function isPreflight({ method, headers }: HttpRequest): boolean {
  return method === "OPTIONS" && headers.get("access-control-request-method") !== null;
}

/** To a page that may not, it says nothing: its browser takes that for a no. */
function preflight(isAllowed: boolean, maxAge: number): HttpAnswer {
  const headers = {
    "access-control-allow-methods": methods,
    "access-control-allow-headers": sent,
    "access-control-max-age": String(maxAge),
  };
  return { status: 204, headers: isAllowed ? headers : {} };
}
