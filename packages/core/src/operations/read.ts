import { checkRead, noObjectToMatch, unquotedOrNone } from "../conditions.ts";
import type { Context } from "../context.ts";
import { discardBody } from "../discard-body.ts";
import type { Operation } from "../operation.ts";
import type { GetOptions } from "../operation-options.ts";
import { checkOptions } from "../option-checks.ts";
import { checkRange, isEmptyRange, resolveRange } from "../ranges.ts";
import type { RangeRequest, ReadResult, StorageDriver } from "../storage-driver.ts";
import { StorageError } from "../storage-error.ts";
import { TooLargeError } from "../storage-errors.ts";
import { checkSupported } from "../supported.ts";
import { checkKey } from "./check-key.ts";

/** A read with its conditions as a driver takes them. */
export interface ReadRequest {
  readonly range?: RangeRequest | undefined;
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
}

/** What `get` and `open` check alike. */
export function checkReading(context: Context, key: string, options: GetOptions): ReadRequest {
  checkKey(context.driver, key);
  checkOptions("get", options);
  const range = options.range === undefined ? undefined : checkRange(options.range);
  checkSupported(context.driver, "get", options);
  return {
    range,
    ifMatch: unquotedOrNone(options.ifMatch),
    ifNoneMatch: unquotedOrNone(options.ifNoneMatch),
  };
}

/** The object's facts and body; never more of it than `maxBytes`. */
export async function read(
  driver: StorageDriver,
  key: string,
  request: ReadRequest,
  operation: Operation,
  maxBytes: number = Number.POSITIVE_INFINITY,
): Promise<ReadResult> {
  try {
    const empty = request.range !== undefined && isEmptyRange(request.range);
    const result = empty
      ? await readNothing(driver, key, request, operation)
      : await driver.read(key, operation.call(request));
    const length = bodyLength(result);
    if (length <= maxBytes) return result;
    discardBody(result.body);
    throw new TooLargeError(`${length} bytes would be read, and at most ${maxBytes} are wanted`);
  } catch (error) {
    throw request.ifMatch !== undefined && StorageError.is(error, "FileNotFound") ? noObjectToMatch() : error;
  }
}

/** No header of HTTP can ask for nothing, so that a head answers. */
async function readNothing(
  driver: StorageDriver,
  key: string,
  request: ReadRequest,
  operation: Operation,
): Promise<ReadResult> {
  const facts = await driver.head(key, operation.call({}));
  checkRead(facts, request);
  const range = request.range === undefined ? undefined : resolveRange(request.range, facts.size);
  return { facts, range, body: { bytes: new Uint8Array() } };
}

export function bodyLength({ facts, range }: ReadResult): number {
  return range === undefined ? facts.size : range.end - range.start;
}
