import { type StorageBackend, StorageError } from "@storage/core";
import {
  type HttpAnswer,
  type HttpHandler,
  type HttpRequest,
  health,
  serveFiles,
  statusOf,
} from "@storage/http";
import { json, redirect } from "./answers.ts";
import { fileApi } from "./file-api.ts";
import { staticFile } from "./static-files.ts";

/** Everything the server answers. A handler is a function from a request to an answer, so routing is a few ifs. */
export function routes(backend: StorageBackend, origin: string): HttpHandler {
  const files = serveFiles(backend, { fileRoutePrefix: "/files", onError: console.error });
  const api = fileApi(backend);
  const healthy = health(backend);

  return async (request) => {
    const { pathname } = new URL(request.url, origin);
    if (`http://${request.headers.get("host")}` !== origin) return redirect(origin + pathname);
    if (pathname.startsWith("/files/")) return files(request);
    if (pathname === "/_ops/health") return healthy(request);
    if (!pathname.startsWith("/api/")) return staticFile(pathname);
    if (isForeign(request, origin)) return json(403, { message: "Only this page may do that." });
    try {
      return await api(request, new URL(request.url, origin));
    } catch (error) {
      return failure(error);
    }
  };
}

/** Other web pages can send requests to this machine too; browsers say where a change comes from. */
function isForeign({ method, headers }: HttpRequest, origin: string): boolean {
  return method !== "GET" && headers.get("origin") !== origin;
}

function failure(error: unknown): HttpAnswer {
  const status = statusOf(error);
  if (status >= 500) console.error(error);
  const message = StorageError.is(error) ? error.reason : "Something went wrong on the server.";
  return json(status, { message });
}
