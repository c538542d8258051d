import { type AcceptedUpload, type AcceptOptions, acceptFile, HttpError } from "@storage/http";

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
 * @param part Undefined is a form without a file, as `request.file()` says it.
 * @throws as `acceptUpload`
 */
export async function acceptPart(
  part: MultipartFile | undefined,
  options: Pick<AcceptOptions, "maxBytes" | "allowedTypes" | "signal">,
): Promise<AcceptedUpload> {
  if (part === undefined) throw new HttpError(400, "InvalidArgument", "The form has no file.");
  const { filename: fileName, mimetype: contentType, file: stream } = part;
  return await acceptFile({ fileName, contentType, stream }, options);
}
