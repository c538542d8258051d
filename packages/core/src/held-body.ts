import type { Abortable } from "./abortable.ts";
import { Iteration, quietly } from "./iteration.ts";
import type { OnProgress } from "./operation-options.ts";
import { report } from "./source.ts";
import type { Body, Bytes } from "./storage-driver.ts";
import { IntegrityError } from "./storage-errors.ts";

/** What a body has to be for the application, which layers below need not know. */
export interface HeldTerms {
  readonly length: number;
  readonly onProgress?: OnProgress | undefined;
  readonly dressed: (error: unknown) => unknown;
}

export type WatchedBody = Body & ({ readonly bytes: Bytes } | { readonly stream: HeldBody });

/** A body on its way to the reader; `end` is told when nothing of it is under way any more. */
export class HeldBody extends Iteration<Bytes> {
  readonly #iterator: AsyncIterator<Bytes>;
  readonly #scope: Abortable;
  readonly #end: () => void;
  readonly #terms: HeldTerms | undefined;
  #loaded = 0;

  constructor(stream: AsyncIterable<Bytes>, scope: Abortable, end: () => void, terms?: HeldTerms) {
    super();
    this.#iterator = stream[Symbol.asyncIterator]();
    this.#scope = scope;
    this.#end = end;
    this.#terms = terms;
  }

  protected async pull(): Promise<IteratorResult<Bytes>> {
    try {
      this.#scope.throwIfAborted();
      const step = await this.#iterator.next();
      if (!step.done) this.#loaded += step.value.length;
      this.#check(step.done === true);
      if (step.done) this.#end();
      return step;
    } catch (error) {
      throw this.#terms?.dressed(error) ?? error;
    }
  }

  #check(isEnd: boolean): void {
    if (!this.#terms) return;
    const { length, onProgress } = this.#terms;
    if (isEnd ? this.#loaded !== length : this.#loaded > length) throw otherLength();
    if (!isEnd) report(onProgress, this.#loaded, length);
  }

  /** The abort frees what a generator holds that was never started. */
  protected release(): void {
    this.#scope.abort(undefined);
    void quietly(() => this.#iterator.return?.());
    this.#end();
  }
}

export const otherLength = (): IntegrityError =>
  new IntegrityError("the body has another length than announced");
