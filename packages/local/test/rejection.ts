import { StorageError, type StorageErrorCode, type StorageErrorOf } from "@storage/core";

/** The error of this code that a call rejects with; anything else fails the test. */
export async function rejection<Code extends StorageErrorCode>(
  call: PromiseLike<unknown>,
  code: Code,
): Promise<StorageErrorOf<Code>> {
  let value: unknown;
  try {
    value = await call;
  } catch (error) {
    if (StorageError.is(error, code)) return error;
    throw new Error(`expected ${code}, and it failed otherwise`, { cause: error });
  }
  throw new Error(`expected ${code}, and it gave ${JSON.stringify(value)}`);
}
