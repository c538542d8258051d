import { partConcurrency, partSize } from "./parts.ts";

/** All of it in order, while the next ranges are under way. */
export async function* rangesOf(
  read: (start: number, end: number) => Promise<Uint8Array>,
  size: number,
): AsyncGenerator<Uint8Array, undefined> {
  const underWay: Promise<Uint8Array>[] = [];
  let start = 0;
  while (start < size || underWay.length > 0) {
    while (start < size && underWay.length < partConcurrency) {
      const end = Math.min(start + partSize, size);
      underWay.push(read(start, end));
      start = end;
    }
    const next = await underWay.shift();
    if (next) yield next;
  }
}
