import { discardBody } from "./discard-body.ts";
import { report } from "./metered-stream.ts";
import type { OnProgress } from "./operation-options.ts";
import { collect } from "./operations/collect.ts";
import type { ObjectMetadata, StoredObject } from "./storage-backend.ts";
import type { Body, Bytes, ResolvedRange } from "./storage-driver.ts";
import { InvalidArgumentError } from "./storage-errors.ts";

/** A body that is open, and what has to happen when it no longer is. */
export interface OpenBody {
  readonly body: Body;
  readonly length: number;
  readonly onProgress?: OnProgress | undefined;
  dressed(error: unknown): Error;
  end(): void;
}

/** Who drops an object without reading it has its files and sockets freed when it is collected. */
const dropped = new FinalizationRegistry((open: OpenBody) => release(open));

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
  readonly #open: OpenBody;
  #body: ReadableStream<Bytes> | undefined;
  #used = false;

  constructor(metadata: ObjectMetadata, range: ResolvedRange | undefined, open: OpenBody) {
    Object.assign(this, metadata, range && { range });
    this.#open = open;
    if (open.body.bytes === undefined) dropped.register(this, open, this);
    else open.end();
  }

  get body(): ReadableStream<Bytes> {
    this.#body ??= this.#stream();
    return this.#body;
  }

  async bytes(): Promise<Bytes> {
    this.#use();
    const { body, length, onProgress } = this.#open;
    try {
      return await collect(body, length, onProgress);
    } catch (error) {
      throw this.#open.dressed(error);
    } finally {
      this.#end();
    }
  }

  async text(): Promise<string> {
    return new TextDecoder().decode(await this.bytes());
  }

  async json<T = unknown>(): Promise<T> {
    return JSON.parse(await this.text());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#body?.locked === false) await this.#body.cancel();
    this.#end();
    release(this.#open);
  }

  #use(): void {
    if (this.#used)
      throw this.#open.dressed(new InvalidArgumentError("the body can be read once: open the object again"));
    this.#used = true;
  }

  #end(): void {
    dropped.unregister(this);
    this.#open.end();
  }

  /** Holds on to this object, so that only both can be collected. */
  #stream(): ReadableStream<Bytes> {
    this.#use();
    const { body, length, onProgress, dressed } = this.#open;
    const chunks = body.bytes === undefined ? body.stream[Symbol.asyncIterator]() : piece(body.bytes);
    let loaded = 0;
    const pull = async (controller: ReadableStreamDefaultController<Bytes>): Promise<void> => {
      let step = await chunks.next();
      while (!step.done && step.value.length === 0) step = await chunks.next();
      if (step.done) {
        this.#end();
        return controller.close();
      }
      loaded += step.value.length;
      report(onProgress, loaded, length);
      controller.enqueue(step.value);
    };
    const cancel = async (): Promise<void> => {
      this.#end();
      await chunks.return?.();
    };
    return new ReadableStream<Bytes>(
      {
        pull: (controller) =>
          pull(controller).catch((error: unknown) => {
            this.#end();
            controller.error(dressed(error));
          }),
        cancel,
      },
      { highWaterMark: 0 },
    );
  }
}

async function* piece(bytes: Bytes): AsyncGenerator<Bytes> {
  yield bytes;
}

function release({ body, end }: OpenBody): void {
  end();
  discardBody(body);
}
