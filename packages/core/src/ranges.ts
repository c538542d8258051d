import type { ByteRange } from "./operation-options.ts";
import type { RangeRequest, ResolvedRange } from "./storage-driver.ts";
import { InvalidArgumentError, RangeNotSatisfiableError } from "./storage-errors.ts";

/** @throws InvalidArgumentError for a reversed range, and for half of one. */
export function checkRange(range: ByteRange): RangeRequest {
  const { start, end, suffix } = range as Partial<ResolvedRange & { suffix: number }>;
  if (suffix !== undefined && (start ?? end) === undefined) return { suffix };
  if (suffix === undefined && start !== undefined && start <= (end ?? start)) return { start, end };
  throw new InvalidArgumentError("range is { start, end } in order, or { suffix }");
}

/** Whether a range asks for no bytes, which no HTTP header can say (RFC 9110, 14.1.2). */
export function isEmptyRange(range: RangeRequest): boolean {
  return range.suffix === undefined ? range.end === range.start : range.suffix === 0;
}

/**
 * What a range means for an object of this size: an end past the object is clamped.
 *
 * @throws RangeNotSatisfiableError for a start at or past the end, and for bytes of an empty object.
 */
export function resolveRange(range: RangeRequest, size: number): ResolvedRange {
  const { suffix = 0, start = Math.max(0, size - suffix), end = size } = range;
  if (start >= size && range.suffix !== 0)
    throw new RangeNotSatisfiableError("the range starts past the end of the object");
  return { start, end: Math.min(end, size) };
}
