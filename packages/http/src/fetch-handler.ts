import type { HttpHandler } from "./http-handler.ts";

/** For runtimes and frameworks that speak Fetch: a Web `Request` in, a `Response` out. */
export function toFetchHandler(handler: HttpHandler): (request: Request) => Promise<Response> {
  return async (request) => {
    const { status, headers, body } = await handler(request);
    return new Response(body ?? null, { status, headers });
  };
}
