import type { StorageBackend } from "@storage/core";
import { acceptUpload, HttpError } from "@storage/http";
import { type DetailedPage, listWithDetails } from "./details.ts";
import { freeKey } from "./free-key.ts";
import { type Stored, told } from "./stored.ts";
import type { UploadRequest } from "./upload-request.ts";

const mebibyte = 1024 * 1024;

/** Where the files of everybody lie, beside what other scenarios keep. */
export const filesPrefix = "uploads/";

/** A form with a file in it, stored under the file's name; one that is taken gets a number. */
export async function storeFile(storage: StorageBackend, request: UploadRequest): Promise<Stored> {
  await using upload = await acceptUpload(request, { maxBytes: 100 * mebibyte });
  const key = await freeKey(storage, upload.key);
  return told(await storage.put(key, upload.body, { contentType: upload.contentType }));
}

/** A page of 20, as the demo page shows it. */
export function listFiles(storage: StorageBackend, cursor: string | undefined): Promise<DetailedPage> {
  return listWithDetails(storage, { limit: 20, cursor });
}

/** A browser shows these and runs nothing of them; all else is saved. */
const shown = /^(?:image\/(?!svg)|audio\/|video\/|text\/plain)/;

/**
 * A link that works for anybody who has it, until it expires; it is made when somebody follows ours. Our own
 * handler never has a browser run what it serves; a bucket sends what it holds, so the link says what to do.
 */
export async function linkTo(storage: StorageBackend, name: string, download: boolean): Promise<string> {
  const { contentType } = await storage.getMetadata(name);
  return storage.getUrl(name, { download: download || !shown.test(contentType), mustExist: false });
}

export async function deleteFile(storage: StorageBackend, name: string): Promise<void> {
  if (!(await storage.delete(name))) throw new HttpError(404, "FileNotFound", "There is no such file.");
}
