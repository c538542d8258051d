const marker: unique symbol = Symbol.for("@storage/http-error/1");

/**
 * A request that is turned down, with a sentence that users can be shown. Express, Fastify and Koa
 * answer with the status and the sentence where nobody catches it.
 */
export class HttpError extends Error {
  override readonly name: string = "HttpError";
  readonly status: number;
  /** The same, as Fastify reads it. */
  readonly statusCode: number;
  /** That the message may be shown, as Express and Koa read it. */
  readonly expose: boolean = true;
  /** As in a StorageError, or a word of HTTP's own: "UnsupportedType". */
  readonly code: string;

  constructor(status: number, code: string, sentence: string, options?: ErrorOptions) {
    super(sentence, options);
    this.status = status;
    this.statusCode = status;
    this.code = code;
    Object.defineProperty(this, marker, { value: true });
  }

  /** True also for an error of another copy of this package: ESM and CJS are two. */
  static is(error: unknown): error is HttpError {
    return Object(error)[marker] === true;
  }
}
