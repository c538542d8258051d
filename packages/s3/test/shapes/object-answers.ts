import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { HeldObject, ObjectStore } from "./object-store.ts";
import { element, failure, noSuchKey, preconditionFailed, type Reply, xml } from "./replies.ts";
import type { ShapeRequest } from "./requests.ts";

const kept =
  /^(content-type|cache-control|content-disposition|content-encoding|x-amz-storage-class|x-amz-meta-.*)$/;

/** Of a request that makes an object: what is stored with it. */
export function storedHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => kept.test(name)));
}

const bare = (etag: string): string => etag.replace(/^"(.*)"$/, "$1");

/** `If-None-Match: *` and `If-Match` of a write ("Conditional writes" in the S3 user guide). */
export function refusedWrite(
  headers: Readonly<Record<string, string>>,
  present: HeldObject | undefined,
): Reply | undefined {
  if (headers["if-none-match"] === "*" && present) return preconditionFailed();
  const wanted = headers["if-match"];
  if (wanted === undefined) return undefined;
  if (present === undefined) return noSuchKey();
  return bare(wanted) === bare(present.etag) ? undefined : preconditionFailed();
}

/** What was said of the body, and does not hold. */
export function refusedBody({ headers, body }: ShapeRequest): Reply | undefined {
  const sums: Readonly<Record<string, () => Buffer>> = {
    "content-md5": () => createHash("md5").update(body).digest(),
    "x-amz-checksum-crc32": () => Buffer.from(crc32(body).toString(16).padStart(8, "0"), "hex"),
    "x-amz-checksum-sha256": () => createHash("sha256").update(body).digest(),
  };
  const isWrong = Object.entries(sums).some(
    ([name, sum]) => headers[name] !== undefined && headers[name] !== sum().toString("base64"),
  );
  return isWrong ? failure(400, "BadDigest", "The checksum did not match what we received.") : undefined;
}

export function putObject(request: ShapeRequest, store: ObjectStore): Reply {
  const { key, headers, body } = request;
  const refused = refusedBody(request) ?? refusedWrite(headers, store.objects.get(key));
  if (refused) return refused;
  return { status: 200, headers: { etag: store.put(key, body, storedHeaders(headers)).etag } };
}

/** GetObject and HeadObject: the server leaves the body of the latter out. */
export function getObject({ key, headers, query }: ShapeRequest, store: ObjectStore): Reply {
  const held = store.objects.get(key);
  if (held === undefined) return noSuchKey();
  const { "if-match": match, "if-none-match": noneMatch } = headers;
  if (match !== undefined && bare(match) !== bare(held.etag)) return preconditionFailed();
  const facts = { ...held.headers, etag: held.etag, "last-modified": held.modified.toUTCString() };
  if (noneMatch !== undefined && bare(noneMatch) === bare(held.etag)) return { status: 304, headers: facts };
  for (const [name, value] of Object.entries(query))
    if (name.startsWith("response-")) facts[name.slice("response-".length) as "etag"] = value;
  return headers.range === undefined
    ? { status: 200, headers: facts, body: held.bytes }
    : rangeOf(held.bytes, headers.range, facts);
}

function rangeOf(bytes: Buffer, range: string, headers: Readonly<Record<string, string>>): Reply {
  const [, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/.exec(range) ?? [];
  const start = first === "" ? Math.max(0, bytes.length - Number(last)) : Number(first);
  const end = first === "" || last === "" ? bytes.length : Math.min(Number(last) + 1, bytes.length);
  if (start >= bytes.length) return failure(416, "InvalidRange", "The requested range is not satisfiable");
  return {
    status: 206,
    headers: { ...headers, "content-range": `bytes ${start}-${end - 1}/${bytes.length}` },
    body: bytes.subarray(start, end),
  };
}

export function deleteObject({ key, headers }: ShapeRequest, store: ObjectStore): Reply {
  const present = store.objects.get(key);
  const wanted = headers["if-match"];
  if (wanted !== undefined && present && bare(wanted) !== bare(present.etag)) return preconditionFailed();
  store.objects.delete(key);
  return { status: 204 };
}

export function copyObject({ key, headers }: ShapeRequest, store: ObjectStore): Reply {
  const [, from = ""] = /^\/?[^/]+\/(.*)$/.exec(headers["x-amz-copy-source"] ?? "") ?? [];
  const source = store.objects.get(decodeURIComponent(from));
  if (source === undefined) return noSuchKey();
  const wanted = headers["x-amz-copy-source-if-match"];
  if (wanted !== undefined && bare(wanted) !== bare(source.etag)) return preconditionFailed();
  const refused = refusedWrite(headers, store.objects.get(key));
  if (refused) return refused;
  const replaces = headers["x-amz-metadata-directive"] === "REPLACE";
  const copied = store.put(key, source.bytes, replaces ? storedHeaders(headers) : source.headers);
  return xml(
    "CopyObjectResult",
    element("LastModified", copied.modified.toISOString()) + element("ETag", copied.etag),
  );
}
