import type { Store } from "../store.ts";

export type Copies = "both ways" | "in" | "out" | "no";

/** Whether what the caller does to its bytes after a put, or to those that a get gave, changes what is stored. */
export async function copiesOf(store: Store): Promise<Copies> {
  const bytes = new Uint8Array([1, 2, 3]);
  await store.put("own", bytes);
  bytes[0] = 9;
  const isCopiedIn = (await store.get("own"))[0] === 1;
  await store.put("given", new Uint8Array([1, 2, 3]));
  (await store.get("given"))[0] = 9;
  const isCopiedOut = (await store.get("given"))[0] === 1;
  if (isCopiedIn) return isCopiedOut ? "both ways" : "in";
  return isCopiedOut ? "out" : "no";
}
