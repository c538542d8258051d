import { type AcceptedUpload, type AcceptOptions, acceptUpload as acceptRaw } from "@storage/http";

/**
 * `acceptUpload` of @storage/http: a file out of a form, or the body itself, checked as it streams in, where
 * `c.req.parseBody()` holds whole files in memory. One reads the body, or the other.
 */
export async function acceptUpload(
  c: { readonly req: { readonly raw: Request } },
  options: AcceptOptions,
): Promise<AcceptedUpload> {
  return await acceptRaw(c.req.raw, options);
}
