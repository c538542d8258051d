import type { Bytes, PutOptions, PutResult, StorageBackend } from "@storage/core";
import { randomBytes } from "./samples.ts";

/** A put whose source has handed over its first half, and waits. */
export interface HeldPut {
  readonly putting: Promise<PutResult>;
  /** Lets the second half follow, and the end. */
  readonly release: () => void;
}

/** What such a put stores in the end. */
export const heldBody: Bytes = randomBytes(400_000, 81);
const half = heldBody.length / 2;

/** Resolves once the first half was taken, or the put has ended without it. */
export async function heldPut(
  backend: StorageBackend,
  key: string,
  options: PutOptions = {},
): Promise<HeldPut> {
  const taken = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  async function* source(): AsyncGenerator<Bytes> {
    yield heldBody.slice(0, half);
    taken.resolve();
    await released.promise;
    yield heldBody.slice(half);
  }
  const putting = handled(backend.put(key, source(), options));
  await Promise.race([taken.promise, putting]);
  return { putting, release: () => released.resolve() };
}

/** A promise that is awaited later: should the case end before, its failure is nobody's surprise. */
export function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}
