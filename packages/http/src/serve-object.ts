import { contentDisposition, NotSupportedError, type StorageBackend } from "@storage/core";
import { lastSegmentOf } from "./file-headers.ts";
import type { HttpHandler } from "./http-handler.ts";
import { reporting } from "./reporting.ts";
import { sendFile } from "./send-file.ts";
import type { ServeFilesOptions } from "./serve-files.ts";

export interface ServeObjectOptions extends Pick<ServeFilesOptions, "inlinePdf" | "onError"> {
  /** true: saved under the key's last segment; a string: under that name. Default: shown where that is safe. */
  readonly download?: boolean | string | undefined;
  /** Default: "private, no-cache": kept by the client alone, and asked about before each use. */
  readonly cacheControl?: string | undefined;
}

/**
 * One object, for a client that the application has let in: a GET or HEAD with everything that a link
 * gets, ranges, conditions and headers under which nothing of it runs.
 */
export function serveObject(
  backend: StorageBackend,
  key: string,
  options: ServeObjectOptions = {},
): HttpHandler {
  const { download = false, cacheControl = "private, no-cache", inlinePdf = false, onError } = options;
  const name = download === true ? lastSegmentOf(key) : download;
  const disposition = name === false ? undefined : contentDisposition(name);
  const terms = { key, cacheControl, disposition, inlinePdf };
  return reporting(onError, async (request) => {
    if (request.method !== "GET" && request.method !== "HEAD")
      throw new NotSupportedError("an object is served to GET and HEAD");
    return await sendFile({ backend, terms, request });
  });
}
