/**
 * A content type parser that leaves the body to the route, which gives `request` to `acceptUpload` or
 * `request.raw` to `put`. Fastify answers types that have no parser with 415 before a route runs:
 * `app.addContentTypeParser("image/png", unreadBody)`, or "*" for every type.
 */
export function unreadBody(_request: unknown, _payload: unknown, done: (error: null) => void): void {
  done(null);
}
