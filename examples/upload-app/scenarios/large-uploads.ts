import { type SignedUpload, type StorageBackend, withPrefix } from "@storage/core";
import { acceptUpload, HttpError, keyFromFileName } from "@storage/http";
import { filesPrefix } from "./files.ts";
import { fingerprintOf, startFingerprint } from "./fingerprints.ts";
import { freeKey } from "./free-key.ts";
import { type Stored, told } from "./stored.ts";
import type { UploadRequest } from "./upload-request.ts";

const mebibyte = 1024 * 1024;
const maxBytes = 5 * 1024 * mebibyte;
/** From here on an upload goes in parts, where it can: it can then go on after a reload. */
const partsFrom = 16 * mebibyte;

export type UploadState =
  | { readonly state: "uploading"; readonly loaded: number; readonly total?: number | undefined }
  | { readonly state: "processing" | "failed" | "stored" }
  | { readonly state: "ready"; readonly sha256: string };

/** What this process is busy with, by file name. Several processes would keep it in their database. */
export type Busy = Map<string, UploadState>;

/** Through the server: the body goes on to the storage as it comes, in the memory of a few chunks. */
export async function receiveLarge(
  storage: StorageBackend,
  busy: Busy,
  name: string,
  request: UploadRequest,
): Promise<Stored> {
  await using upload = await acceptUpload(request, { maxBytes });
  const { body, contentType, size } = upload;
  busy.set(name, { state: "uploading", loaded: 0, total: size });
  try {
    const stored = await withPrefix(storage, filesPrefix).put(name, body, {
      contentType,
      size,
      onProgress: (progress) => busy.set(name, { state: "uploading", ...progress }),
    });
    startFingerprint(storage, busy, name);
    return told(stored);
  } catch (error) {
    busy.delete(name);
    throw error;
  }
}

/** What somebody wants to upload, as a query says it: all of it is text that anybody can write. */
export interface WantedUpload {
  readonly name?: string | undefined;
  readonly size?: string | undefined;
  readonly type?: string | undefined;
}

export interface DirectUpload {
  readonly key: string;
  /** For `upload` of `@storage/browser`. */
  readonly upload: SignedUpload;
}

/**
 * Past the server, from the browser to the storage. The link is for these bytes under a free name. It only
 * creates, where the service can say so: of two that chose the same name, one is refused.
 */
export async function signUpload(storage: StorageBackend, wanted: WantedUpload): Promise<DirectUpload> {
  const files = withPrefix(storage, filesPrefix);
  const size = sizeIn(wanted);
  const key = await freeKey(files, keyFromFileName(wanted.name ?? ""));
  const { createOnly, uploadParts } = files.capabilities;
  const parts = uploadParts && size >= partsFrom;
  const upload = await files.getUploadUrl(key, {
    size,
    parts,
    contentType: wanted.type || undefined,
    // S3 has no condition for an upload in parts.
    ifNoneMatch: createOnly && !parts ? "*" : undefined,
    expiresIn: 86_400,
  });
  return { key, upload };
}

function sizeIn({ size = "" }: WantedUpload): number {
  const bytes = /^\d{1,15}$/.test(size) ? Number(size) : Number.NaN;
  if (Number.isNaN(bytes))
    throw new HttpError(400, "InvalidArgument", "An upload has a name and a size in bytes.");
  if (bytes > maxBytes) throw new HttpError(413, "TooLarge", "The file is larger than 5 GiB.");
  return bytes;
}

/** Bytes while they come through the server, then what came of the work behind it. @throws FileNotFoundError */
export async function uploadState(storage: StorageBackend, busy: Busy, name: string): Promise<UploadState> {
  const known = busy.get(name);
  if (known !== undefined) return known;
  const { etag } = await withPrefix(storage, filesPrefix).getMetadata(name);
  const sha256 = await fingerprintOf(storage, name, etag);
  return sha256 === undefined ? { state: "stored" } : { state: "ready", sha256 };
}
