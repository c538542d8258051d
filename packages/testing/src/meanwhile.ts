/** Looks again and again until the work is done, at least once; both have ended then, and either may fail. */
export async function meanwhile(work: Promise<unknown>, look: () => Promise<void>): Promise<void> {
  let done = false;
  const ended = work.finally(() => {
    done = true;
  });
  const looking = async (): Promise<void> => {
    do await look();
    while (!done);
  };
  for (const result of await Promise.allSettled([ended, looking()]))
    if (result.status === "rejected") throw result.reason;
}
