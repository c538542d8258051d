import { readdir, readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { contentTypeOf } from "@storage/core";
import type { HttpAnswer } from "@storage/http";

const folder = join(import.meta.dirname, "public");

const headers = {
  "cache-control": "no-cache",
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

/** The page itself. Only what lies in `public` has a name here, so that no path can lead out of it. */
export async function staticFile(path: string): Promise<HttpAnswer> {
  const name = path === "/" ? "index.html" : path.slice(1);
  if (!(await readdir(folder)).includes(name))
    return { status: 404, headers, body: "There is nothing here.\n" };
  const charset = extname(name) === ".svg" ? "" : "; charset=utf-8";
  const body = new Uint8Array(await readFile(join(folder, name)));
  return { status: 200, headers: { ...headers, "content-type": contentTypeOf(name) + charset }, body };
}
