import type { acceptUpload } from "@storage/http";

/** Node's `req`, so Express's and Fastify's `request.raw`, or a Fetch `Request`, so Hono's `c.req.raw`. */
export type UploadRequest = Parameters<typeof acceptUpload>[0];
