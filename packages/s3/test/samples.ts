import { keys } from "../../core/test/conformance-data.ts";
import { oddKeys } from "../../testing/src/key-samples.ts";

/** Every key that somebody's storage once mangled, and that may stand beside all the others. */
export const legalKeys: readonly string[] = [...new Set([...keys.legal, ...Object.values(oddKeys).flat()])];

/** So many at once, so that a browser or a server is not overrun. */
export async function eachOf<Item>(
  items: Iterable<Item>,
  use: (item: Item) => Promise<void>,
  atOnce: number = 8,
): Promise<void> {
  const rest = items[Symbol.iterator]();
  const work = async (): Promise<void> => {
    for (let next = rest.next(); !next.done; next = rest.next()) await use(next.value);
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}
