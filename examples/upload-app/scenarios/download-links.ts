import type { StorageBackend } from "@storage/core";
import { HttpError } from "@storage/http";

export interface DownloadLink {
  readonly url: string;
  /** Seconds. */
  readonly expires_in: number;
}

/**
 * A link that works without an account until it expires, for whoever stored the document.
 *
 * @throws HttpError 400 for a time outside of 60 to 86,400 seconds, 403 for somebody else's document.
 * @throws FileNotFoundError
 */
export async function downloadLink(
  storage: StorageBackend,
  user: string,
  key: string | undefined,
  expires: string | undefined,
): Promise<DownloadLink> {
  const expiresIn = secondsIn(expires ?? "3600");
  if (key === undefined) throw new HttpError(400, "InvalidArgument", "A link is for a key.");
  const { metadata } = await storage.getMetadata(key);
  if (metadata.owner !== user) throw new HttpError(403, "PermissionDenied", "This belongs to somebody else.");
  // It was there a moment ago: to sign then takes no request.
  const url = await storage.getUrl(key, { expiresIn, download: true, mustExist: false });
  return { url, expires_in: expiresIn };
}

function secondsIn(text: string): number {
  const seconds = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (seconds >= 60 && seconds <= 86_400) return seconds;
  throw new HttpError(400, "InvalidArgument", "expires_in is in seconds, from 60 to 86400.");
}
