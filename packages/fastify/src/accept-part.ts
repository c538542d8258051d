import { type AcceptedUpload, type AcceptOptions, acceptFile } from "@storage/http";

/** What `request.file()` and `request.parts()` of @fastify/multipart give. */
export interface MultipartFile {
  readonly filename: string;
  readonly mimetype: string;
  readonly file: AsyncIterable<Uint8Array> & { readonly truncated?: boolean | undefined };
}

/**
 * The checks of `acceptUpload` for a file out of @fastify/multipart, to be stored as it streams in. A file
 * that this plugin's own limit has cut off makes the body throw, so that nothing is stored.
 *
 * @throws as `acceptUpload`
 */
export async function acceptPart(
  { filename: fileName, mimetype: contentType, file: stream }: MultipartFile,
  options: Pick<AcceptOptions, "maxBytes" | "allowedTypes" | "signal">,
): Promise<AcceptedUpload> {
  return await acceptFile({ fileName, contentType, stream }, options);
}
