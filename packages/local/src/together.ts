/** Waits for all of them also when one fails: nothing goes on behind the back of who handles the failure. */
export async function together<T extends readonly unknown[]>(
  ...work: { [Index in keyof T]: T[Index] | Promise<T[Index]> }
): Promise<T> {
  try {
    return await (Promise.all(work) as Promise<unknown> as Promise<T>);
  } catch (error) {
    await Promise.allSettled(work);
    throw error;
  }
}
