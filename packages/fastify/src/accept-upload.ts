import type { IncomingMessage } from "node:http";
import { type AcceptedUpload, type AcceptOptions, acceptUpload as acceptRaw } from "@storage/http";

/**
 * `acceptUpload` of @storage/http: a file out of a form, or the body itself, checked as it streams in.
 * For bodies that are no form the route needs a content type parser: `unreadBody`.
 */
export async function acceptUpload(
  request: { readonly raw: IncomingMessage },
  options: AcceptOptions,
): Promise<AcceptedUpload> {
  return await acceptRaw(request.raw, options);
}
