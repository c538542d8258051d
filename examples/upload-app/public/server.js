import { upload } from "/storage-browser.js";
import { note, unfinishedUpload } from "./unfinished.js";

/** What the page asks of its server. What goes wrong is an Error whose message a user can read. */

export function listFiles(cursor) {
  return call(cursor === undefined ? "/api/files" : `/api/files?${new URLSearchParams({ cursor })}`);
}

export function deleteFile(key) {
  return call(pathOf(key), { method: "DELETE" });
}

/** Leads to the file by a link that is signed when it is followed. */
export function linkTo(key) {
  return `${pathOf(key)}/link`;
}

export function downloadLinkTo(key) {
  return `${pathOf(key)}/link?download=1`;
}

/** "LocalBackend": what the files are kept in. */
export async function storageName() {
  return (await call("/_ops/health")).storage.backend;
}

/**
 * Goes on with an upload of this file that a reload has interrupted, or asks for a signed one; then sends the
 * file to the storage itself. `onProgress` gets a part of 1; `signal` cancels.
 */
export async function uploadFile(file, { onProgress, signal }) {
  const { key, upload: signed } = unfinishedUpload(file) ?? (await signUpload(file, signal));
  const sending = upload(signed, file, {
    onProgress: ({ loaded, total }) => onProgress(total === 0 ? 1 : loaded / total),
    signal,
  });
  note(file, key, signed);
  try {
    await sending;
  } catch (error) {
    // Somebody else took the name in between: the next link is for another one.
    if (error.status !== 412) throw error;
    return uploadFile(file, { onProgress, signal });
  } finally {
    note(file, key, signed);
  }
  await call(`${pathOf(key)}/fingerprint`, { method: "POST" });
  return key;
}

function signUpload({ name, size, type }, signal) {
  return call(`/api/uploads?${new URLSearchParams({ name, size, type })}`, { method: "POST", signal });
}

const pathOf = (key) => `/api/files/${encodeURIComponent(key)}`;

async function call(path, options = {}) {
  const response = await fetch(path, options).catch((error) => {
    throw options.signal?.aborted ? error : new Error("The server does not answer. Is it still running?");
  });
  if (!response.ok) throw new Error(messageIn(await response.text()));
  return response.status === 204 ? undefined : response.json();
}

function messageIn(text) {
  try {
    return JSON.parse(text).message;
  } catch {
    return "The server gave an answer that makes no sense.";
  }
}
