import { textOf } from "./data.ts";
import type { Place } from "./operations/pages.ts";
import { InvalidArgumentError } from "./storage-errors.ts";

/** A place in the listing of one query, as an opaque string. */
export function encodeCursor({ after, cursor }: Place, query: readonly string[]): string {
  return encodeURIComponent(JSON.stringify([query, after, cursor]));
}

/** @throws InvalidArgumentError for a cursor that is not of this query. */
export function decodeCursor(text: string, query: readonly string[]): Place {
  try {
    const [ofQuery, after, cursor]: unknown[] = JSON.parse(decodeURIComponent(text));
    if (JSON.stringify(ofQuery) === JSON.stringify(query))
      return { after: textOf(after), cursor: textOf(cursor) };
  } catch {}
  throw new InvalidArgumentError("the cursor is of another listing");
}
