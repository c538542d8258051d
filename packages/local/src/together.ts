type Results<T extends readonly unknown[]> = { -readonly [Index in keyof T]: Awaited<T[Index]> };

/** Waits for all of them also when one fails: nothing goes on behind the back of who handles the failure. */
export async function together<T extends readonly unknown[] | []>(...work: T): Promise<Results<T>> {
  try {
    return await Promise.all(work);
  } catch (error) {
    await Promise.allSettled(work);
    throw error;
  }
}
