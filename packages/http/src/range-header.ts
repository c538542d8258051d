import type { ByteRange } from "@storage/core";

const single = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i;

/**
 * A `Range` of one range of bytes. Undefined for what a server may ignore and answer with the whole
 * object (RFC 9110, 14.2): another unit, several ranges, and what is malformed.
 */
export function parseRange(header: string): ByteRange | undefined {
  const [, first = "", last = ""] = single.exec(header) ?? [];
  if (first === "") return last === "" ? undefined : { suffix: offsetOf(last) };
  const start = offsetOf(first);
  if (last === "") return { start };
  const end = offsetOf(last);
  return end < start ? undefined : { start, end: end + 1 };
}

/** Past what a number can hold exactly, every offset is past the end of every object. */
const offsetOf = (digits: string): number => Math.min(Number(digits), Number.MAX_SAFE_INTEGER - 1);
