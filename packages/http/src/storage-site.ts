import { ConfigurationError, type StorageBackend } from "@storage/core";
import { type CorsOptions, withCors } from "./cors.ts";
import { health } from "./health.ts";
import type { HttpHandler } from "./http-handler.ts";
import { type ServeFilesOptions, serveFiles } from "./serve-files.ts";

export interface SiteOptions extends Pick<ServeFilesOptions, "inlinePdf" | "onError"> {
  /** Whether the backend's signed links are served, for reading and for uploads. Default: false. */
  readonly serveFiles?: boolean | undefined;
  /** The path of those links, which is that of the backend's `baseUrl`. Default: "/files". */
  readonly fileRoutePrefix?: string | undefined;
  /** Default: "/_ops/health". */
  readonly healthPath?: string | undefined;
  /** Which other origins' pages may use the links. Default: none. */
  readonly cors?: CorsOptions | undefined;
}

/** What stands before the routes of an application. */
export interface StorageSite {
  readonly backend: StorageBackend;
  /** For a request's URL as the client sent it; undefined where the application answers. */
  handlerFor(url: string): HttpHandler | undefined;
}

/**
 * Health, and the backend's links where `serveFiles` asks for them.
 *
 * @throws ConfigurationError for a path that is none, and what `serveFiles` and `withCors` throw.
 */
export function storageSite(backend: StorageBackend, options: SiteOptions): StorageSite {
  const { fileRoutePrefix = "/files", healthPath = "/_ops/health", cors } = options;
  for (const [name, path] of Object.entries({ fileRoutePrefix, healthPath }))
    if (!/^\/[^?#]*$/.test(path)) throw new ConfigurationError(`${name} is a path that begins with a slash`);
  const start = `${fileRoutePrefix.replace(/\/+$/, "")}/`;
  const files = options.serveFiles === true ? filesHandler(backend, fileRoutePrefix, options) : undefined;
  if (files === undefined && cors !== undefined)
    throw new ConfigurationError("cors is about the links that serveFiles serves: set serveFiles, too");
  const healthy = health(backend);
  const handlerFor = (url: string): HttpHandler | undefined => {
    const path = pathForm.exec(url)?.[1] ?? "";
    if (path === healthPath) return healthy;
    return path.startsWith(start) ? files : undefined;
  };
  return { backend, handlerFor };
}

function filesHandler(backend: StorageBackend, fileRoutePrefix: string, options: SiteOptions): HttpHandler {
  const { inlinePdf, onError, cors } = options;
  const handler = serveFiles(backend, { fileRoutePrefix, inlinePdf, onError });
  return cors === undefined ? handler : withCors(handler, cors);
}

/** As it was sent: once decoded or resolved, a path may be another one. */
const pathForm = /^(?:[a-z][a-z0-9+.-]*:\/\/[^/?#]*)?([^?#]*)/i;
