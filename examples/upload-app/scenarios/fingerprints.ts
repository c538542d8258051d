import { createHash } from "node:crypto";
import { type StorageBackend, StorageError, withPrefix } from "@storage/core";
import { metadataIfThere } from "./details.ts";
import { filesPrefix } from "./files.ts";
import type { Busy } from "./large-uploads.ts";

const prefix = "fingerprints/";

/**
 * Work that nobody waits for: reads the stored file as a stream and writes its SHA-256 beside it. It dies
 * with the process; a queue would start it again.
 */
export function startFingerprint(storage: StorageBackend, busy: Busy, name: string): void {
  busy.set(name, { state: "processing" });
  fingerprint(storage, name).then(
    () => busy.delete(name),
    (error: unknown) => {
      // Deleted meanwhile: nothing is left to be said of it.
      if (StorageError.is(error, "FileNotFound")) return busy.delete(name);
      console.error(error);
      return busy.set(name, { state: "failed" });
    },
  );
}

async function fingerprint(storage: StorageBackend, name: string): Promise<void> {
  const { body, etag } = await withPrefix(storage, filesPrefix).open(name);
  const hash = createHash("sha256");
  for await (const chunk of body) hash.update(chunk);
  const sha256 = hash.digest("hex");
  // With the etag of what was read: once the file is another one, this is seen not to be about it.
  await withPrefix(storage, prefix).put(name, `${sha256}  ${name}\n`, {
    contentType: "text/plain",
    metadata: { sha256, etag },
  });
}

/** That of these very bytes, if it was written. */
export async function fingerprintOf(
  storage: StorageBackend,
  name: string,
  etag: string,
): Promise<string | undefined> {
  const found = await metadataIfThere(withPrefix(storage, prefix), name);
  return found?.metadata.etag === etag ? found.metadata.sha256 : undefined;
}

/** After a direct upload, of which the server hears only when the page says so. @throws FileNotFoundError */
export async function requestFingerprint(
  storage: StorageBackend,
  busy: Busy,
  name: string,
): Promise<{ readonly state: "processing" }> {
  await withPrefix(storage, filesPrefix).getMetadata(name);
  if (!busy.has(name)) startFingerprint(storage, busy, name);
  return { state: "processing" };
}
