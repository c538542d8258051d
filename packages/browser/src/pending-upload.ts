import type { SignedUpload } from "./signed-upload.ts";

export interface PendingUploadOptions {
  /**
   * What the page knows of the upload beside the file: the user, the place where the file goes. Uploads of the
   * same file under other scopes are others. Default: "".
   */
  readonly scope?: string | undefined;
}

interface Pending {
  readonly signed: SignedUpload;
  /** By the number of the part, from 0. */
  readonly etags: Readonly<Record<number, string>>;
}

const prefix = "storage-upload:";
/** Milliseconds that the links still have to live, so that it makes sense to go on. */
const least = 60_000;

/**
 * The upload in parts of this file that a reload, a crash or a failure has interrupted: `upload` it, and only what
 * is missing is sent. Undefined when there is none, or its links have less than a minute to live. A file with
 * another name, size or time is another file.
 */
export function pendingUpload(file: Blob, { scope }: PendingUploadOptions = {}): SignedUpload | undefined {
  const place = placeOf(file, scope);
  return place === undefined ? undefined : read(place)?.signed;
}

/** Where the upload of a file is remembered. A blob has nothing to know it by. */
export function placeOf(file: Blob, scope: string = ""): string | undefined {
  if (!("name" in file && "lastModified" in file)) return undefined;
  // Of two files of a folder that is uploaded, all else may be the same.
  const path = "webkitRelativePath" in file ? file.webkitRelativePath : "";
  return prefix + JSON.stringify([scope, file.name, path, file.size, file.lastModified]);
}

const isSame = (one: SignedUpload, other: SignedUpload): boolean =>
  one.parts?.completeUrl === other.parts?.completeUrl;

/** The etags of the parts that are there already. */
export function begin(place: string | undefined, signed: SignedUpload): Pending["etags"] {
  if (place === undefined) return {};
  attempted((storage) => {
    // Reading removes what has expired.
    for (const name of Object.keys(storage)) if (name.startsWith(prefix)) read(name);
  });
  const found = read(place);
  if (found && isSame(found.signed, signed)) return found.etags;
  write(place, { signed, etags: {} });
  return {};
}

/** Another tab may be at the same upload, or have ended it or begun another: what it wrote stays. */
export function remember(place: string | undefined, signed: SignedUpload, part: number, etag: string): void {
  const found = place === undefined ? undefined : read(place);
  if (place === undefined || !found || !isSame(found.signed, signed)) return;
  write(place, { signed: found.signed, etags: { ...found.etags, [part]: etag } });
}

export function forget(place: string | undefined, signed: SignedUpload): void {
  const found = place === undefined ? undefined : read(place);
  if (place !== undefined && found && isSame(found.signed, signed))
    attempted((storage) => storage.removeItem(place));
}

function read(place: string): Pending | undefined {
  return attempted((storage) => {
    const text = storage.getItem(place);
    if (text === null) return undefined;
    const pending: Pending = JSON.parse(text);
    if (new Date(pending.signed.expiresAt).getTime() - Date.now() > least) return pending;
    storage.removeItem(place);
    return undefined;
  });
}

function write(place: string, pending: Pending): void {
  attempted((storage) => storage.setItem(place, JSON.stringify(pending)));
}

/** Nothing of it is needed to upload: the storage may be full, switched off or absent. */
function attempted<T>(use: (storage: Storage) => T): T | undefined {
  try {
    return use(localStorage);
  } catch {
    return undefined;
  }
}
