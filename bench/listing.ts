import type { Contender } from "./row.ts";

export type List = () => Promise<readonly unknown[]>;

/** Lists, and fails where less was found than is expected. More may be: some list our own folder too. */
export function listing(list: List | undefined, expected: number): Contender["run"] | undefined {
  return (
    list &&
    (async () => {
      const { length } = await list();
      if (length < expected) throw new Error(`${length} of ${expected} were listed`);
    })
  );
}
