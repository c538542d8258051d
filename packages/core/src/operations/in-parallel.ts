/** Enough to hide the latency of one by one, few enough to leave room for others. */
const width = 16;

/** Every item once, so many at a time; the first failure ends it once those under way have ended. */
export async function inParallel<T>(
  items: Iterable<T> | AsyncIterable<T>,
  work: (item: T) => Promise<void>,
  atOnce: number = width,
): Promise<void> {
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  let failed = false;
  const worker = async (): Promise<void> => {
    while (!failed) {
      try {
        const step = await iterator.next();
        if (step.done) return;
        await work(step.value);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: atOnce }, worker));
  const failure = ends.find((end) => end.status === "rejected");
  if (failure !== undefined) {
    await iterator.return?.();
    throw failure.reason;
  }
}
