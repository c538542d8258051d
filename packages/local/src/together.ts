/** Waits for all of them also when one fails: nothing goes on behind the back of who handles the failure. */
export async function together<T extends readonly unknown[]>(
  ...work: { [Index in keyof T]: Promise<T[Index]> }
): Promise<T> {
  await Promise.allSettled(work);
  return await (Promise.all(work) as Promise<unknown> as Promise<T>);
}
