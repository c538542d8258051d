import type { IncomingMessage } from "node:http";

export type ShapeOperation =
  | "AbortMultipartUpload"
  | "CompleteMultipartUpload"
  | "CopyObject"
  | "CreateMultipartUpload"
  | "DeleteObject"
  | "DeleteObjects"
  | "GetObject"
  | "HeadObject"
  | "ListMultipartUploads"
  | "ListObjectsV2"
  | "ListParts"
  | "PostObject"
  | "PutObject"
  | "UploadPart"
  | "unknown";

/** A request in S3's words. */
export interface ShapeRequest {
  readonly operation: ShapeOperation;
  readonly method: string;
  /** As it was sent, encoded, without its query. */
  readonly path: string;
  /** As it was sent, without its question mark. */
  readonly queryText: string;
  readonly bucket: string;
  readonly key: string;
  readonly query: Readonly<Record<string, string>>;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Reads it to its end. Only path style: that is how a service at an address of its own is spoken to. */
export async function shapeRequest(incoming: IncomingMessage): Promise<ShapeRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
  const [path = "/", queryText = ""] = (incoming.url ?? "/").split(/\?(.*)/s);
  const [, bucket = "", key = ""] = /^\/([^/]*)\/?(.*)$/s.exec(path) ?? [];
  const named = {
    method: incoming.method ?? "GET",
    key: decodeURIComponent(key),
    query: Object.fromEntries(new URLSearchParams(queryText)),
    headers: Object.fromEntries(
      Object.entries(incoming.headers).map(([name, value]) => [name, String(value ?? "")]),
    ),
  };
  return { operation: operationOf(named), path, queryText, bucket, body: Buffer.concat(chunks), ...named };
}

export function hasHeader({ headers }: ShapeRequest, form: RegExp): boolean {
  return Object.keys(headers).some((name) => form.test(name));
}

type Named = Pick<ShapeRequest, "method" | "key" | "query" | "headers">;

/** What a query adds to an operation without making it another one. */
const harmless = /^(x-id|x-amz-.*|response-.*)$/i;

function operationOf({ method, key, query, headers }: Named): ShapeOperation {
  const names = Object.keys(query).filter((name) => !harmless.test(name));
  return key === "" ? onBucket(method, names, headers) : onObject(method, names, headers);
}

function onBucket(method: string, names: string[], headers: Named["headers"]): ShapeOperation {
  if (method === "GET" && names.includes("list-type")) return "ListObjectsV2";
  if (method === "GET" && names.includes("uploads")) return "ListMultipartUploads";
  if (method === "POST" && names.includes("delete")) return "DeleteObjects";
  return method === "POST" && /^multipart\/form-data/.test(headers["content-type"] ?? "")
    ? "PostObject"
    : "unknown";
}

/** Method and names of the query, in their order. */
const objectOperations: Readonly<Record<string, ShapeOperation>> = {
  "DELETE ": "DeleteObject",
  "DELETE uploadId": "AbortMultipartUpload",
  "GET ": "GetObject",
  "GET uploadId": "ListParts",
  "HEAD ": "HeadObject",
  "POST uploadId": "CompleteMultipartUpload",
  "POST uploads": "CreateMultipartUpload",
  "PUT ": "PutObject",
  "PUT partNumber,uploadId": "UploadPart",
};

function onObject(method: string, names: string[], headers: Named["headers"]): ShapeOperation {
  const operation = objectOperations[`${method} ${names.sort().join()}`] ?? "unknown";
  return operation === "PutObject" && headers["x-amz-copy-source"] ? "CopyObject" : operation;
}
