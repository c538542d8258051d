import {
  ConfigurationError,
  type SignedRequest,
  type Signer,
  type StorageBackend,
  StorageError,
} from "@storage/core";
import type { ErrorHandlerOptions } from "./error-handler.ts";
import type { HttpAnswer } from "./http-answer.ts";
import { HttpError } from "./http-error.ts";
import type { HttpHandler } from "./http-handler.ts";
import type { HttpRequest } from "./http-request.ts";
import { receiveParts } from "./receive-parts.ts";
import { receiveUpload } from "./receive-upload.ts";
import { reporting } from "./reporting.ts";
import { sendFile } from "./send-file.ts";

export interface ServeFilesOptions extends ErrorHandlerOptions {
  /** The path under which the handler stands, to be checked against the backend's `baseUrl`. Default: not checked. */
  readonly fileRoutePrefix?: string | undefined;
  /** Lets browsers show PDFs in place of saving them. Default: false. */
  readonly inlinePdf?: boolean | undefined;
}

/**
 * Serves the links that `getUrl` and `getUploadUrl` of this backend give: GET, HEAD, OPTIONS and PUT, and
 * for uploads in parts POST and DELETE.
 * The signature is looked at before anything else. What is served is the signer's backend: under a
 * layer the links, and so the objects, are those of the backend that signed them.
 *
 * Serve from a host name of its own where strangers upload: scripts among their files are sent as
 * downloads, and a page of the same origin could still load one.
 *
 * @throws ConfigurationError for a backend whose links are not our own, or that stand elsewhere.
 */
export function serveFiles(backend: StorageBackend, options: ServeFilesOptions = {}): HttpHandler {
  const { signer } = backend;
  if (signer === undefined) {
    throw new ConfigurationError(
      `${backend.name} has no signed links of ours to serve here: getUrl gives the service's own, or set baseUrl and secret`,
    );
  }
  if (options.fileRoutePrefix !== undefined) checkPrefix(options.fileRoutePrefix, signer.basePath);
  return reporting(options.onError, (request) => answer(signer, request, options));
}

function checkPrefix(fileRoutePrefix: string, basePath: string): void {
  if (fileRoutePrefix.replace(/\/+$/, "") === basePath) return;
  throw new ConfigurationError(
    `links are signed for ${basePath || "/"} (the path of baseUrl) and would be served at ${fileRoutePrefix}: make them the same`,
  );
}

async function answer(signer: Signer, request: HttpRequest, options: ServeFilesOptions): Promise<HttpAnswer> {
  if (request.method === "OPTIONS") return { status: 204, headers: { allow: allowed(signer) } };
  const link = await verified(signer, request);
  const { backend } = signer;
  if (link.uploadId !== undefined) return receiveParts(signer, link, request);
  if (link.method === "PUT") return receiveUpload(backend, link, request);
  const { key, expiresAt, cacheControl = privately(expiresAt), disposition, contentType } = link;
  const terms = { key, cacheControl, disposition, contentType, inlinePdf: options.inlinePdf === true };
  return sendFile({ backend, terms, request });
}

/** A copy must not outlive the permission to have it. */
function privately(expiresAt: Date): string {
  const seconds = Math.max(0, Math.floor((expiresAt.getTime() - Date.now()) / 1000));
  return `private, max-age=${seconds}`;
}

const allowed = ({ parts }: Signer): string => `GET, HEAD, OPTIONS, PUT${parts ? ", POST, DELETE" : ""}`;

/** Of a link, unlike of a storage, the client is told what is wrong with it. */
async function verified(signer: Signer, request: HttpRequest): Promise<SignedRequest> {
  try {
    return await signer.verify({ method: request.method, url: request.url });
  } catch (error) {
    if (!StorageError.is(error, "PermissionDenied")) throw error;
    const sentence = `${error.reason.charAt(0).toUpperCase()}${error.reason.slice(1)}.`;
    throw new HttpError(403, error.code, sentence);
  }
}
