import { iteratorOf } from "./caller-items.ts";
import { defined } from "./defined.ts";
import type { Iteration } from "./iteration.ts";
import { bytesOfBody, type WholeRead } from "./operations/read.ts";
import { piecesOf } from "./received-body.ts";
import type { ObjectMetadata, StoredObject } from "./storage-backend.ts";
import type { Bytes, ResolvedRange } from "./storage-driver.ts";
import { AbortedError, InvalidArgumentError } from "./storage-errors.ts";

/** An error, since somebody may still read: that must not look like the body's end. */
const leave = (stream: Iteration<Bytes> | undefined): void =>
  stream?.drop({ error: new AbortedError("the object was disposed of") });

/** Who drops an object without reading it has its files and sockets freed when it is collected, where the runtime tells. */
const dropped = globalThis.FinalizationRegistry && new FinalizationRegistry<Iteration<Bytes>>(leave);

export class OpenedObject implements StoredObject {
  declare readonly key: string;
  declare readonly size: number;
  declare readonly contentType: string;
  declare readonly etag: string;
  declare readonly lastModified: Date;
  declare readonly cacheControl?: string;
  declare readonly contentDisposition?: string;
  declare readonly contentEncoding?: string;
  declare readonly metadata: Record<string, string>;
  declare readonly range?: ResolvedRange;
  readonly #result: WholeRead;
  readonly #chunks: ReturnType<typeof iteratorOf<Bytes>>;
  #body: ReadableStream<Bytes> | undefined;
  #isUsed = false;

  constructor(metadata: ObjectMetadata, result: WholeRead) {
    Object.assign(this, metadata, defined({ range: result.range }));
    this.#result = result;
    this.#chunks = iteratorOf(piecesOf(result.body));
    if (result.body.stream) dropped?.register(this, result.body.stream);
  }

  get body(): ReadableStream<Bytes> {
    this.#body ??= this.#stream();
    return this.#body;
  }

  async bytes(): Promise<Bytes> {
    this.#use();
    return await bytesOfBody(this.#result);
  }

  async text(): Promise<string> {
    return new TextDecoder().decode(await this.bytes());
  }

  async json<T = unknown>(): Promise<T> {
    return JSON.parse(await this.text());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isUsed = true;
    leave(this.#result.body.stream);
  }

  #use(): void {
    const facts = { operation: "open", key: this.key };
    if (this.#isUsed) throw new InvalidArgumentError("the body can be read once", facts);
    this.#isUsed = true;
  }

  /** Holds on to this object, so that only both can be collected. */
  #stream(): ReadableStream<Bytes> {
    this.#use();
    return new ReadableStream<Bytes>(
      {
        pull: async (controller) => {
          const step = await this.#chunks.next();
          if (step.done) controller.close();
          else controller.enqueue(step.value);
        },
        cancel: async () => {
          await this.#chunks.return?.();
        },
      },
      { highWaterMark: 0 },
    );
  }
}
