/** What the page asks of its server. What goes wrong is an Error whose message a user can read. */

export function listFiles(cursor) {
  return call(cursor === undefined ? "/api/files" : `/api/files?cursor=${encodeURIComponent(cursor)}`);
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

/** Asks for a signed link, then sends the file to it. `onProgress` gets a part of 1; `signal` cancels. */
export async function uploadFile(file, { onProgress, signal }) {
  const { name, size, type } = file;
  const upload = await call("/api/uploads", {
    method: "POST",
    body: JSON.stringify({ name, size, type }),
    signal,
  });
  try {
    await send(file, upload, { onProgress, signal });
  } catch (error) {
    // Somebody else took the name in between: the next link is for another one.
    if (error.status !== 412) throw error;
    return uploadFile(file, { onProgress, signal });
  }
  return upload.key;
}

/** With XMLHttpRequest, since `fetch` tells nothing of the progress of an upload. */
function send(file, { method, url, headers }, { onProgress, signal }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const fail = (message, status) => reject(Object.assign(new Error(message), { status }));
    request.open(method, url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded }) => onProgress(file.size === 0 ? 1 : loaded / file.size);
    request.onload = () =>
      request.status < 300 ? resolve() : fail(messageIn(request.responseText), request.status);
    request.onerror = () => fail("The connection broke off.");
    request.onabort = () => reject(signal.reason);
    signal.throwIfAborted();
    signal.addEventListener("abort", () => request.abort());
    request.send(file);
  });
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
    const { message } = JSON.parse(text);
    return message.charAt(0).toUpperCase() + message.slice(1);
  } catch {
    return "The server gave an answer that makes no sense.";
  }
}
