import type { IncomingMessage } from "node:http";
import { type AcceptOptions, checkAcceptOptions } from "./accept-options.ts";
import { type AcceptedUpload, accepted, type IncomingFile, tooLarge } from "./accepted-upload.ts";
import { bodyWasRead } from "./body-was-read.ts";
import { type FormEvent, type FormReader, formReader, roomBesideFile } from "./form-events.ts";
import { fileNameOf, headerParameters } from "./header-parameters.ts";
import type { HttpRequest } from "./http-request.ts";
import { requestOf } from "./node-handler.ts";
import { piecesOf } from "./pieces.ts";
import { invalid, unsupported } from "./refusals.ts";
import { declaredLength, isPacked } from "./upload-headers.ts";

/**
 * Takes a file out of a request: from a form (multipart/form-data), or the body itself where it is
 * anything else. What can be seen first is refused here; all else makes the body throw before it ends,
 * so that a put of it stores nothing. It is streamed, no faster than it is stored, without a temporary
 * file.
 *
 * @param request A Fetch `Request`, what a handler of this package is given, or Node's `req`, and so
 * Express's and Fastify's `request.raw`. Nothing may have read its body before.
 * @throws TooLargeError for more than `maxBytes`.
 * @throws HttpError 415 for a type that is not allowed, 400 for a form that is malformed, broke off,
 * or does not have just one file.
 * @throws AbortedError, or TimeoutError for `AbortSignal.timeout`, where `signal` ends it.
 * @throws ConfigurationError for options that make no sense, and for a body that was read.
 */
export async function acceptUpload(
  request: HttpRequest | IncomingMessage,
  options: AcceptOptions,
): Promise<AcceptedUpload> {
  checkAcceptOptions(options);
  checkUnread(request);
  const upload = "httpVersion" in request ? ofNode(request) : request;
  checkEncoding(upload);
  const boundary = boundaryOf(upload);
  const file =
    boundary === undefined ? wholeBody(upload, options) : await formFile(upload, boundary, options);
  return accepted(file, options);
}

/** The client that goes away ends the stream itself. */
function ofNode(req: IncomingMessage): HttpRequest {
  return { ...requestOf(req, new AbortController().signal), body: req };
}

function checkUnread(request: HttpRequest | IncomingMessage): void {
  const signs = ["bodyUsed", "readableDidRead"];
  if (!signs.some((sign) => Reflect.get(request, sign) === true)) return;
  throw bodyWasRead();
}

function checkEncoding({ headers }: HttpRequest): void {
  if (isPacked(headers)) throw unsupported("The upload must not be compressed on its way.");
}

/** Undefined for a body that is no form. */
function boundaryOf({ headers }: HttpRequest): string | undefined {
  const type = headers.get("content-type") ?? "";
  if (/^application\/x-www-form-urlencoded/i.test(type)) {
    throw invalid("A form with a file has to be sent as multipart/form-data.");
  }
  if (!/^multipart\/form-data/i.test(type)) return undefined;
  const boundary = headerParameters(type)?.parameters.get("boundary") ?? "";
  // RFC 2046, 5.1.1.
  if (!/^[\w'()+,./:=? -]{0,69}[\w'()+,./:=?-]$/.test(boundary))
    throw invalid("The form has no valid boundary.");
  return boundary;
}

function wholeBody(request: HttpRequest, { maxBytes, signal }: AcceptOptions): IncomingFile {
  const { headers, body } = request;
  const size = declaredLength(request);
  if (size !== undefined && size > maxBytes) throw tooLarge(maxBytes);
  const disposition = headerParameters(utf8Of(headers.get("content-disposition") ?? ""));
  return {
    fileName: (disposition && fileNameOf(disposition)) ?? "",
    claimedType: headers.get("content-type") ?? "",
    size,
    fields: {},
    pieces: piecesOf(body, { client: request.signal, caller: signal }),
  };
}

/** Headers come as one character a byte, and names in them mostly as UTF-8. */
function utf8Of(header: string): string {
  try {
    const bytes = Uint8Array.from(header, (character) => character.charCodeAt(0));
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return header;
  }
}

async function formFile(
  request: HttpRequest,
  boundary: string,
  options: AcceptOptions,
): Promise<IncomingFile> {
  const { maxBytes, signal } = options;
  const length = declaredLength(request);
  if (length !== undefined && length > maxBytes + roomBesideFile(options)) throw tooLarge(maxBytes);
  const pieces = piecesOf(request.body, { client: request.signal, caller: signal });
  const events = eventsOf(pieces, await formReader(boundary, options));
  // Without a prototype a field named __proto__ is a field.
  const fields: Record<string, string> = Object.create(null);
  for (let step = await events.next(); !step.done; step = await events.next()) {
    const { value: event } = step;
    if (event.kind === "file") return { ...event, fields, pieces: bytesOf(events, fields) };
    if (event.kind === "field") fields[event.name] = event.value;
  }
  throw invalid("The form has no file.");
}

async function* eventsOf(
  pieces: AsyncGenerator<Uint8Array, void>,
  reader: FormReader,
): AsyncGenerator<FormEvent, void> {
  for await (const piece of pieces) yield* reader.write(piece);
  yield* reader.end();
}

async function* bytesOf(
  events: AsyncGenerator<FormEvent, void>,
  fields: Record<string, string>,
): AsyncGenerator<Uint8Array, void> {
  for await (const event of events) {
    if (event.kind === "bytes") yield event.bytes;
    else if (event.kind === "field") fields[event.name] = event.value;
  }
}
