import { type Abortable, throwIfAborted } from "./abortable.ts";
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

export type WatchedBody = Body & ({ readonly bytes: Bytes } | { readonly stream: Iteration<Bytes> });

/** A body on its way to the reader; `end` is told when nothing of it is under way any more. */
export function heldBody(
  stream: AsyncIterable<Bytes>,
  scope: Abortable,
  end: () => void,
  terms?: HeldTerms,
): Iteration<Bytes> {
  const iterator = stream[Symbol.asyncIterator]();
  const { length, onProgress } = terms ?? {};
  let loaded = 0;
  const pull = async (): Promise<IteratorResult<Bytes>> => {
    try {
      throwIfAborted(scope);
      const step = await iterator.next();
      loaded += step.value?.length ?? 0;
      const whole = length ?? loaded;
      if (step.done ? loaded !== whole : loaded > whole) throw otherLength();
      if (step.done) end();
      else report(onProgress, loaded, whole);
      return step;
    } catch (error) {
      throw terms?.dressed(error) ?? error;
    }
  };
  return new Iteration(pull, () => {
    // The abort frees what a generator holds that was never started.
    scope.abort(undefined);
    void quietly(() => iterator.return?.());
    end();
  });
}

export const otherLength = (): IntegrityError =>
  new IntegrityError("the body has another length than announced");
