import type { PutResult } from "@storage/core";

/** What a client is told of what it has stored. Not the result as it is: as JSON that holds a signed link. */
export type Stored = Pick<PutResult, "key" | "size" | "contentType" | "etag">;

export function told({ key, size, contentType, etag }: PutResult): Stored {
  return { key, size, contentType, etag };
}
