import { TooLargeError } from "@storage/core";
import { type AcceptOptions, checkAcceptOptions } from "./accept-options.ts";
import { type AcceptedUpload, accepted } from "./accepted-upload.ts";
import { piecesOf } from "./pieces.ts";

/** A file that another parser took out of a form: multer's `file`, @fastify/multipart's `part`. */
export interface ParsedFile {
  /** As the client says. */
  readonly fileName: string;
  /** As the client says. Default: none. */
  readonly contentType?: string | undefined;
  /** A stream that ends early where its parser's own limit was hit says so in `truncated`. */
  readonly stream: AsyncIterable<Uint8Array> & { readonly truncated?: boolean | undefined };
}

/**
 * The checks of `acceptUpload` for a file that another parser took out of a form; the form itself is
 * for that parser to check, and may still break off once the file has ended. A stream that is left early
 * is not destroyed, but read to its end, since its parser could not go on otherwise.
 *
 * @throws as `acceptUpload`
 */
export async function acceptFile(
  file: ParsedFile,
  options: Pick<AcceptOptions, "maxBytes" | "allowedTypes" | "signal">,
): Promise<AcceptedUpload> {
  checkAcceptOptions(options);
  const { fileName, contentType: claimedType = "" } = file;
  return accepted({ fileName, claimedType, fields: {}, pieces: untruncated(file, options) }, options);
}

async function* untruncated(
  { stream }: ParsedFile,
  { signal }: Pick<AcceptOptions, "signal">,
): AsyncGenerator<Uint8Array, void> {
  try {
    yield* piecesOf(stream, { caller: signal });
  } catch (error) {
    throw stream.truncated === true ? cutOff() : error;
  }
  if (stream.truncated === true) throw cutOff();
}

const cutOff = (): TooLargeError =>
  new TooLargeError("the file has more bytes than the parser of its form is set to take");
