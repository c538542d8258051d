import type { acceptUpload } from "@storage/http";

/**
 * Node's `req`, so Express's and Fastify's `request.raw`, or a Fetch `Request`, so Hono's `c.req.raw`. What
 * `acceptUpload` makes of it is held with `await using`: where a key or a field is refused before anybody reads the
 * file, its bytes are let go of, and the connection is of use again.
 */
export type UploadRequest = Parameters<typeof acceptUpload>[0];
