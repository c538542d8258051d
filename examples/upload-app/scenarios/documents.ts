import { randomUUID } from "node:crypto";
import type { StorageBackend } from "@storage/core";
import { acceptUpload, HttpError } from "@storage/http";
import { type DetailedPage, listWithDetails } from "./details.ts";
import { type Stored, told } from "./stored.ts";
import type { UploadRequest } from "./upload-request.ts";

const maxBytes = 20 * 1024 * 1024;

/**
 * A form with `category`, `tags` ("urgent,2026") and, after them, the file. What a listing has to choose by
 * stands in the key, since listings know keys and no metadata; the rest is metadata.
 */
export async function storeDocument(
  storage: StorageBackend,
  owner: string,
  request: UploadRequest,
): Promise<Stored> {
  await using upload = await acceptUpload(request, { maxBytes });
  const { body, contentType, key: name } = upload;
  const { category, tags = "" } = upload.fields;
  const key = `${prefixOf(category)}${randomUUID()}/${name}`;
  return told(await storage.put(key, body, { contentType, metadata: { owner, tags } }));
}

/** With tags and owners: a request for each 1000 names, and one for each document. */
export function listDocuments(
  storage: StorageBackend,
  category: string | undefined,
  cursor?: string | undefined,
): Promise<DetailedPage> {
  return listWithDetails(storage, { prefix: prefixOf(category), cursor });
}

function prefixOf(category: string | undefined): string {
  if (category !== undefined && /^[a-z0-9-]{1,40}$/.test(category)) return `documents/${category}/`;
  throw new HttpError(
    400,
    "InvalidCategory",
    'A document has a category, such as "invoices", before the file: small letters, digits and dashes.',
  );
}
