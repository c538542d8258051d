import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { contentTypeOf, type StorageBackend } from "@storage/core";
import { errorAnswer, HttpError, type HttpHandler } from "@storage/http";
import { build } from "esbuild";

const folder = join(import.meta.dirname, "public");

/** The page itself. Only what lies in `public` has a name here, so that no path can lead out of it. */
export async function demoPage(storage: StorageBackend): Promise<HttpHandler> {
  const headers = headersFor(await originOf(storage));
  const files = new Map<string, () => Promise<Uint8Array>>(
    (await readdir(folder)).map((name) => [`/${name}`, () => readFile(join(folder, name))]),
  );
  files.set("/", () => readFile(join(folder, "index.html")));
  files.set("/storage-browser.js", bundled);
  return async (request) => {
    const { pathname } = new URL(request.url, "http://localhost");
    const read = files.get(pathname);
    if (read === undefined)
      return errorAnswer(new HttpError(404, "NotFound", "There is nothing here."), request);
    const type = pathname === "/" ? "text/html" : contentTypeOf(pathname);
    const charset = type.startsWith("text/") ? "; charset=utf-8" : "";
    const body = new Uint8Array(await read());
    return { status: 200, headers: { ...headers, "content-type": type + charset }, body };
  };
}

let bundle: Promise<Uint8Array> | undefined;

/** `@storage/browser`, as any bundler would put it into a page's own script. */
function bundled(): Promise<Uint8Array> {
  bundle ??= build({
    entryPoints: [fileURLToPath(import.meta.resolve("@storage/browser"))],
    bundle: true,
    format: "esm",
    write: false,
  }).then(({ outputFiles: [script] }) => script?.contents ?? new Uint8Array());
  return bundle;
}

/** Where links lead: the page's own origin or that of a service. */
async function originOf(storage: StorageBackend): Promise<string> {
  return new URL(await storage.getUrl("any", { mustExist: false })).origin;
}

/** The page runs its own scripts and no others, and speaks to nobody but us and the storage. */
function headersFor(origin: string): Record<string, string> {
  const policy = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": `'self' ${origin}`,
    "connect-src": `'self' ${origin}`,
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
  };
  return {
    "cache-control": "no-cache",
    "content-security-policy": Object.entries(policy)
      .map((rule) => rule.join(" "))
      .join("; "),
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
  };
}
