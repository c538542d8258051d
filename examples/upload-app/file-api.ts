import { text } from "node:stream/consumers";
import { InvalidArgumentError, type ObjectMetadata, type StorageBackend, StorageError } from "@storage/core";
import type { HttpAnswer, HttpRequest } from "@storage/http";
import { json, redirect } from "./answers.ts";
import { freeKey } from "./file-names.ts";

const pageSize = 20;
/** Requests to the storage at the same time, when a page of files is put together. */
const atOnce = 16;
/** Seconds between the click and the start of an upload; how long it takes then does not matter. */
const uploadExpiresIn = 3600;

/** What the page asks the server. The bytes do not come this way: they go to and from signed links. */
export function fileApi(backend: StorageBackend): (request: HttpRequest, url: URL) => Promise<HttpAnswer> {
  return async (request, url) => {
    const [, , collection, name, part] = url.pathname.split("/");
    const route = [request.method, collection, name && ":key", part].filter(Boolean).join(" ");
    const key = decodeURIComponent(name ?? "");
    switch (route) {
      case "GET files":
        return json(200, await listFiles(backend, url.searchParams.get("cursor") ?? undefined));
      case "POST uploads":
        return json(201, await signUpload(backend, await bodyOf(request)));
      case "GET files :key link":
        return redirect(await backend.getUrl(key, { download: url.searchParams.has("download") }));
      case "DELETE files :key":
        await backend.delete(key);
        return { status: 204, headers: {} };
      default:
        return json(404, { message: "There is nothing here." });
    }
  };
}

/** A listing knows names, sizes and dates; the type takes a request for each file. */
async function listFiles(backend: StorageBackend, cursor: string | undefined) {
  const page = await backend.listPage({ limit: pageSize, cursor });
  const files: ObjectMetadata[] = [];
  for (let start = 0; start < page.entries.length; start += atOnce) {
    const some = page.entries.slice(start, start + atOnce);
    const found = await Promise.all(some.map(({ key }) => metadataOrNone(backend, key)));
    files.push(...found.filter((file) => file !== undefined));
  }
  return { files, cursor: page.cursor };
}

/** Of a file that somebody deletes while we look there is none. */
async function metadataOrNone(backend: StorageBackend, key: string): Promise<ObjectMetadata | undefined> {
  try {
    return await backend.getMetadata(key);
  } catch (error) {
    if (StorageError.is(error, "FileNotFound")) return undefined;
    throw error;
  }
}

/** A link for these bytes under a free name. It only creates: of two that chose the same name, one is refused. */
async function signUpload(backend: StorageBackend, file: UploadRequest) {
  const key = await freeKey(backend, file.name);
  const { method, url, headers } = await backend.getUploadUrl(key, {
    size: file.size,
    contentType: file.type || undefined,
    ifNoneMatch: "*",
    expiresIn: uploadExpiresIn,
  });
  return { key, method, url, headers };
}

interface UploadRequest {
  readonly name: string;
  readonly size: number;
  readonly type: string;
}

async function bodyOf({ body }: HttpRequest): Promise<UploadRequest> {
  const { name, size, type } = parsed(body ? await text(body) : "");
  if (typeof name === "string" && typeof size === "number" && typeof type === "string") {
    return { name, size, type };
  }
  throw new InvalidArgumentError("an upload has a name, a size and a type");
}

function parsed(json: string): Partial<Record<string, unknown>> {
  try {
    return Object(JSON.parse(json));
  } catch {
    return {};
  }
}
