import type { ByteRange } from "./operation-options.ts";
import type { RangeRequest, ResolvedRange } from "./storage-driver.ts";
import { InvalidArgumentError, RangeNotSatisfiableError } from "./storage-errors.ts";

const isOffset = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

/** @throws InvalidArgumentError for a negative, reversed or fractional range. */
export function checkRange(range: ByteRange): RangeRequest {
  if ("suffix" in range && range.suffix !== undefined) {
    if ("start" in range || "end" in range)
      throw new InvalidArgumentError("range has a suffix, or a start and an end");
    if (!isOffset(range.suffix))
      throw new InvalidArgumentError("range.suffix is a whole number of bytes, 0 or more");
    return { suffix: range.suffix };
  }
  const { start, end } = range as Partial<ResolvedRange>;
  if (!isOffset(start)) throw new InvalidArgumentError("range.start is a whole number of bytes, 0 or more");
  if (end !== undefined && (!isOffset(end) || end < start)) {
    throw new InvalidArgumentError(
      "range.end is a whole number of bytes, at least range.start; it is exclusive",
    );
  }
  return { start, end };
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
  if (range.suffix !== undefined) {
    if (size === 0 && range.suffix > 0) throw notSatisfiable(size);
    return { start: Math.max(0, size - range.suffix), end: size };
  }
  if (range.start >= size) throw notSatisfiable(size);
  return { start: range.start, end: Math.min(range.end ?? size, size) };
}

function notSatisfiable(size: number): RangeNotSatisfiableError {
  return new RangeNotSatisfiableError(
    `the object has ${size} bytes, and the range starts at or past its end`,
  );
}
