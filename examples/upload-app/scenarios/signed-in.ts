import { HttpError } from "@storage/http";

/**
 * THIS IS NO AUTHENTICATION: it believes a header. It stands where your application knows who is asking, by
 * a session or a token that it has verified. Everything else here builds on that answer, so replace this first.
 *
 * @throws HttpError 401 where nobody is named.
 */
export function signedIn(header: string | readonly string[] | null | undefined): string {
  if (typeof header === "string" && /^[a-z0-9][a-z0-9-]{0,62}$/.test(header)) return header;
  throw new HttpError(401, "Unauthenticated", "Please sign in first.");
}
