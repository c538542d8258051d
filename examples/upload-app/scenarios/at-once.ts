/** Requests to the storage at the same time, where there is one for each of many objects. */
const atOnce = 16;

/** What `ask` gives for each item, in their order, 16 at a time; items that are gone meanwhile are left out. */
export async function askForEach<Item, Answer>(
  items: readonly Item[],
  ask: (item: Item) => Promise<Answer | undefined>,
): Promise<Answer[]> {
  const answers: (Answer | undefined)[] = [];
  const rest = items.entries();
  const take = async (): Promise<void> => {
    for (const [index, item] of rest) answers[index] = await ask(item);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, take));
  return answers.filter((answer) => answer !== undefined);
}
