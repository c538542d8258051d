/** Does the work `times` times, so many at once. */
export async function inFlight(
  width: number,
  times: number,
  work: (index: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < times) await work(next++);
  };
  await Promise.all(Array.from({ length: width }, worker));
}

/** What each item gives, 32 asked at once: how one would stat a listing by hand. */
export async function mapped<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results = new Array<Result>(items.length);
  await inFlight(32, items.length, async (index) => {
    const item = items[index];
    if (item !== undefined) results[index] = await work(item);
  });
  return results;
}
