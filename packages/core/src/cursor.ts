import type { Place } from "./operations/pages.ts";
import { base64url, fromBase64url } from "./runtime.ts";
import { InvalidArgumentError } from "./storage-errors.ts";

const version = 1;

/** A place in the listing of one query, as an opaque string. */
export function encodeCursor({ after, cursor }: Place, query: readonly string[]): string {
  return base64url(new TextEncoder().encode(JSON.stringify([version, query, after ?? null, cursor ?? null])));
}

/** @throws InvalidArgumentError for a cursor that is not of this query. */
export function decodeCursor(text: string, query: readonly string[]): Place {
  const [ofVersion, ofQuery, after, cursor] = parse(text);
  if (ofVersion !== version || JSON.stringify(ofQuery) !== JSON.stringify(query)) {
    throw new InvalidArgumentError(
      "the cursor is of another listing: use it with the same prefix, delimiter and startAfter",
    );
  }
  return {
    after: typeof after === "string" ? after : undefined,
    cursor: typeof cursor === "string" ? cursor : undefined,
  };
}

function parse(text: string): readonly unknown[] {
  try {
    const parsed: unknown = JSON.parse(new TextDecoder().decode(fromBase64url(text)));
    return Array.isArray(parsed) ? parsed : [];
  } catch {
    return [];
  }
}
