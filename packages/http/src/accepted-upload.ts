import { InvalidArgumentError, TooLargeError } from "@storage/core";
import { type AcceptOptions, isAllowed } from "./accept-options.ts";
import { keyFromFileName } from "./key-from-file-name.ts";
import { mediaTypeOf, type NamedFile, sniffedBytes } from "./media-type.ts";
import { unsupported } from "./refusals.ts";

/** A file that may be stored: `storage.put(upload.key, upload.body, { contentType: upload.contentType })`. */
export interface AcceptedUpload extends AsyncDisposable {
  /** As the client says, in any script and with any sign: show it, but do not store under it. "" for none. */
  readonly fileName: string;
  /** `keyFromFileName(fileName)`: the same for every file of that name. */
  readonly key: string;
  /** By the content, and not by what the client says; among kinds of text the client is believed. */
  readonly contentType: string;
  /** The text fields of a form: those before the file at once, those after it once the body has ended. Of several of one name the last. */
  readonly fields: Readonly<Record<string, string>>;
  /** In bytes, where it is known before: of a body that is no form, and says its length. */
  readonly size?: number | undefined;
  /** To be read once. It ends only when all was received and found right; everything else makes it throw. */
  readonly body: AsyncIterable<Uint8Array>;
  /**
   * Lets go of a body that nobody will read, so that the connection is of use again; of one that was read it does
   * nothing. `await using upload = await acceptUpload(...)` in a route that may refuse after it.
   */
  [Symbol.asyncDispose](): Promise<void>;
}

/** A file as it comes in, with nothing checked. */
export interface IncomingFile extends NamedFile {
  readonly size?: number | undefined;
  readonly fields: Readonly<Record<string, string>>;
  readonly pieces: AsyncGenerator<Uint8Array, void>;
}

/** @throws HttpError 415 for a type that is not allowed, and what the body throws among its first bytes. */
export async function accepted(file: IncomingFile, options: AcceptOptions): Promise<AcceptedUpload> {
  const { fileName, fields, size } = file;
  const pieces = atMost(options.maxBytes, file.pieces);
  const { first, head, isWhole } = await beginningOf(pieces);
  const contentType = await mediaTypeOf(head, isWhole, file);
  if (!isAllowed(contentType, options.allowedTypes) || (head.length === 0 && options.allowedTypes)) {
    await pieces.return();
    throw unsupported(`The file has to be of the type ${options.allowedTypes?.join(", ")}.`);
  }
  const body = new UploadBody(first, pieces);
  const drop = async (): Promise<void> => void (await body.return());
  const key = keyFromFileName(fileName);
  return { fileName, key, contentType, fields, size, body, [Symbol.asyncDispose]: drop };
}

async function* atMost(
  maxBytes: number,
  pieces: AsyncGenerator<Uint8Array, void>,
): AsyncGenerator<Uint8Array, void> {
  let received = 0;
  for await (const piece of pieces) {
    received += piece.length;
    if (received > maxBytes) throw tooLarge(maxBytes);
    yield piece;
  }
}

export const tooLarge = (maxBytes: number): TooLargeError =>
  new TooLargeError(`the file has more than the ${maxBytes} bytes of maxBytes`);

interface Beginning {
  readonly first: readonly Uint8Array[];
  readonly head: Uint8Array;
  readonly isWhole: boolean;
}

async function beginningOf(pieces: AsyncGenerator<Uint8Array, void>): Promise<Beginning> {
  const first: Uint8Array[] = [];
  const head = new Uint8Array(sniffedBytes);
  let length = 0;
  while (length < sniffedBytes) {
    const step = await pieces.next();
    if (step.done) return { first, head: head.subarray(0, length), isWhole: true };
    first.push(step.value);
    const sniffed = step.value.subarray(0, sniffedBytes - length);
    head.set(sniffed, length);
    length += sniffed.length;
  }
  return { first, head, isWhole: false };
}

/** By hand, since a generator that was not begun frees nothing when it is left. */
class UploadBody implements AsyncIterableIterator<Uint8Array> {
  readonly #first: Uint8Array[];
  readonly #rest: AsyncGenerator<Uint8Array, void>;
  #isTaken = false;
  #isReading = false;

  constructor(first: readonly Uint8Array[], rest: AsyncGenerator<Uint8Array, void>) {
    this.#first = [...first];
    this.#rest = rest;
  }

  [Symbol.asyncIterator](): this {
    if (this.#isTaken) throw new InvalidArgumentError("the body of an upload can be read once");
    this.#isTaken = true;
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array>> {
    const value = this.#first.shift();
    if (value !== undefined) return { done: false, value };
    this.#isReading = true;
    try {
      return await this.#rest.next();
    } finally {
      this.#isReading = false;
    }
  }

  async return(): Promise<IteratorResult<Uint8Array>> {
    this.#first.length = 0;
    const freed = this.#rest.return();
    // It comes after a read that is still open, which a client that is silent does not end.
    if (this.#isReading) freed.catch(() => {});
    else await freed;
    return { done: true, value: undefined };
  }

  /** Called by a put that fails before it reads: the client may still be sending. */
  async cancel(): Promise<void> {
    await this.return();
  }
}
