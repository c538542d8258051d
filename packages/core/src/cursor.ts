import type { Place } from "./operations/pages.ts";
import { InvalidArgumentError } from "./storage-errors.ts";

const version = 1;

/** A place in the listing of one query, as an opaque string. */
export function encodeCursor({ after, cursor }: Place, query: readonly string[]): string {
  return encodeURIComponent(JSON.stringify([version, query, after, cursor]));
}

/** @throws InvalidArgumentError for a cursor that is not of this query. */
export function decodeCursor(text: string, query: readonly string[]): Place {
  const [ofVersion, ofQuery, after, cursor] = parse(text);
  if (ofVersion === version && JSON.stringify(ofQuery) === JSON.stringify(query)) {
    return { after: stringOf(after), cursor: stringOf(cursor) };
  }
  throw new InvalidArgumentError("the cursor is of another listing");
}

const stringOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

function parse(text: string): readonly unknown[] {
  try {
    const parsed: unknown = JSON.parse(decodeURIComponent(text));
    return Array.isArray(parsed) ? parsed : [];
  } catch {
    return [];
  }
}
