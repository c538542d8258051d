const turns = new Map<string, Promise<void>>();

/** One work after the other where they have the same name, in this process. */
export async function inTurn<T>(name: string, work: () => Promise<T>): Promise<T> {
  const turn = Promise.resolve(turns.get(name)).then(work);
  const end = turn.then(
    () => {},
    () => {},
  );
  turns.set(name, end);
  try {
    return await turn;
  } finally {
    if (turns.get(name) === end) turns.delete(name);
  }
}
