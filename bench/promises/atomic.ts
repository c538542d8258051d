import type { Store } from "../store.ts";

/** "bytes only": the bytes are of one write, and may come with the metadata of another. */
export type Atomic = "yes" | "bytes only" | "no";

const key = "torn";
/** Long enough that a write of it takes a while, and of two lengths. */
const bodies = [new Uint8Array(1024 * 1024).fill(1), new Uint8Array(700 * 1024).fill(2)];

/** One writes two bodies in turn while another reads: every read must give one of the two, whole. */
export async function isAtomic(store: Store, times: number): Promise<Atomic> {
  if (!(await isWhole(times, putOf(store), async () => isOneOf(await store.get(key))))) return "no";
  const { described } = store;
  if (described === undefined) return "yes";
  const put = async (index: number): Promise<unknown> =>
    await described.put(key, bodyOf(index), { author: authorOf(bodyOf(index)) });
  const fits = async (): Promise<boolean> => {
    const { bytes, author } = await described.get(key);
    return isOneOf(bytes) && author === authorOf(bytes);
  };
  return (await isWhole(times, put, fits)) ? "yes" : "bytes only";
}

async function isWhole(
  times: number,
  put: (index: number) => Promise<unknown>,
  fits: () => Promise<boolean>,
): Promise<boolean> {
  await put(0);
  let whole = true;
  let writing = true;
  const write = async (): Promise<void> => {
    for (let index = 0; index < times && whole; index++) await put(index);
    writing = false;
  };
  const read = async (): Promise<void> => {
    // A read that fails while there is an object to read is as bad as half of it.
    while (writing && whole) whole = await fits().catch(() => false);
  };
  await Promise.all([write(), read()]);
  return whole;
}

function putOf(store: Store): (index: number) => Promise<unknown> {
  return (index) => store.put(key, bodyOf(index));
}

function bodyOf(index: number): Uint8Array {
  return bodies[index % bodies.length] ?? new Uint8Array();
}

function authorOf(bytes: Uint8Array): string {
  return `writer ${bytes[0]}`;
}

function isOneOf(bytes: Uint8Array): boolean {
  return bodies.some((body) => Buffer.compare(body, bytes) === 0);
}
