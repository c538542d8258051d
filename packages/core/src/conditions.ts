import { NotModifiedError, PreconditionFailedError } from "./storage-errors.ts";

/** An etag without the quotes that HTTP puts around it. */
export function unquoted(etag: string | undefined): string | undefined {
  return etag?.replace(/^"(.*)"$/s, "$1");
}

/**
 * The conditions of a read, for drivers whose service does not check them.
 *
 * @throws PreconditionFailedError
 * @throws NotModifiedError
 */
export function checkRead(
  facts: { readonly etag: string; readonly lastModified: Date },
  conditions: { readonly ifMatch?: string | undefined; readonly ifNoneMatch?: string | undefined },
): void {
  const { etag, lastModified } = facts;
  if ((conditions.ifMatch ?? etag) !== etag) throw notMatched();
  if (conditions.ifNoneMatch === etag) {
    throw new NotModifiedError("the object has this etag still", { etag, lastModified });
  }
}

/**
 * The conditions of a write, for drivers whose service does not check them; `etag` is missing where
 * there is no object.
 *
 * @throws PreconditionFailedError
 */
export function checkWrite(
  etag: string | undefined,
  conditions: { readonly ifMatch?: string | undefined; readonly ifNoneMatch?: "*" | undefined },
): void {
  if (conditions.ifNoneMatch === "*" && etag !== undefined) {
    throw new PreconditionFailedError("there is an object under this key already");
  }
  if ((conditions.ifMatch ?? etag) !== etag) throw notMatched();
}

export const notMatched = (): PreconditionFailedError =>
  new PreconditionFailedError("the object that ifMatch names is not there");
