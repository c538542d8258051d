import { iteratorOf } from "../caller-items.ts";

/** Enough to hide the latency of one by one, few enough to leave room for others. */
const width = 16;

/** Every item once, so many at a time; the first failure ends it once those under way have ended. */
export async function inParallel<T>(
  items: Iterable<T> | AsyncIterable<T>,
  work: (item: T) => Promise<void>,
  atOnce: number = width,
): Promise<void> {
  const iterator = iteratorOf<T>(items);
  let failure: { readonly error: unknown } | undefined;
  const worker = async (): Promise<void> => {
    try {
      while (!failure) {
        const step = await iterator.next();
        if (step.done) return;
        await work(step.value);
      }
    } catch (error) {
      failure ??= { error };
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  if (!failure) return;
  await iterator.return?.();
  throw failure.error;
}
