import { StorageError, type StorageErrorCode, type StorageErrorOf } from "@storage/core";

/** A promise of the contract that was not kept. */
export class ConformanceError extends Error {
  override readonly name = "ConformanceError";
}

export function check(condition: boolean, promise: string): asserts condition {
  if (!condition) throw new ConformanceError(promise);
}

/** Deep equality of plain data, dates and bytes; what is undefined counts as absent. */
export function equal(actual: unknown, expected: unknown, about: string): void {
  if (!isEqual(actual, expected))
    throw new ConformanceError(`${about}: expected ${shown(expected)}, got ${shown(actual)}`);
}

/** The error of one of these codes with which the work fails; anything else breaks the promise. */
export async function fails<Code extends StorageErrorCode>(
  work: PromiseLike<unknown> | AsyncIterable<unknown>,
  ...codes: readonly [Code, ...Code[]]
): Promise<StorageErrorOf<Code>> {
  let value: unknown;
  try {
    value = Symbol.asyncIterator in work ? await all(work) : await work;
  } catch (error) {
    for (const code of codes) if (StorageError.is(error, code)) return error;
    throw new ConformanceError(`expected ${codes.join(" or ")}, and it failed otherwise: ${String(error)}`, {
      cause: error,
    });
  }
  throw new ConformanceError(`expected ${codes.join(" or ")}, and it gave ${shown(value)}`);
}

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

function isEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (a instanceof Uint8Array && b instanceof Uint8Array)
    return a.length === b.length && indexOfDifference(a, b) === -1;
  if (a instanceof Date && b instanceof Date) return a.getTime() === b.getTime();
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].every((name) => isEqual(Reflect.get(a, name), Reflect.get(b, name)));
}

function indexOfDifference(a: Uint8Array, b: Uint8Array): number {
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return index;
  return -1;
}

const longestShown = 300;

function shown(value: unknown): string {
  if (value instanceof Uint8Array) return `${value.length} bytes (${Array.from(value.subarray(0, 16))}…)`;
  const text = JSON.stringify(value) ?? String(value);
  return text.length > longestShown ? `${text.slice(0, longestShown)}…` : text;
}
