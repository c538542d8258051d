import { refusedBody, refusedWrite, storedHeaders } from "./object-answers.ts";
import type { HeldUpload, ObjectStore } from "./object-store.ts";
import { element, failure, noSuchUpload, type Reply, xml } from "./replies.ts";
import type { ShapeRequest } from "./requests.ts";

const smallestPart = 5 * 2 ** 20;

export function createUpload({ key, headers }: ShapeRequest, store: ObjectStore): Reply {
  const { id } = store.begin(key, storedHeaders(headers), headers["x-amz-checksum-algorithm"]);
  return xml(
    "InitiateMultipartUploadResult",
    element("Bucket", store.bucket) + element("Key", key) + element("UploadId", id),
  );
}

/** The upload that a request names, if it is under way. */
export function uploadOf({ key, query }: ShapeRequest, store: ObjectStore): HeldUpload | undefined {
  const upload = store.uploads.get(query.uploadId ?? "");
  return upload?.key === key ? upload : undefined;
}

export function uploadPart(request: ShapeRequest, store: ObjectStore): Reply {
  const upload = uploadOf(request, store);
  if (upload === undefined) return noSuchUpload();
  const number = Number(request.query.partNumber);
  if (!(number >= 1 && number <= 10_000))
    return failure(400, "InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive");
  const refused = refusedBody(request);
  if (refused) return refused;
  return { status: 200, headers: { etag: store.addPart(upload, number, request.body).etag } };
}

/** The parts that CompleteMultipartUpload names, in its order. */
export function namedParts({ body }: ShapeRequest): { number: number; etag: string }[] {
  return Array.from(body.toString().matchAll(/<Part>(.*?)<\/Part>/gs), ([, part = ""]) => ({
    number: Number(/<PartNumber>(\d+)</.exec(part)?.[1]),
    etag: (/<ETag>(.*?)<\/ETag>/.exec(part)?.[1] ?? "").replaceAll(/&quot;|"/g, ""),
  }));
}

export function completeUpload(request: ShapeRequest, store: ObjectStore): Reply {
  const upload = uploadOf(request, store);
  if (upload === undefined) return noSuchUpload();
  const named = namedParts(request);
  const parts = named.map(({ number }) => upload.parts.get(number));
  const isRight = named.every(({ etag }, at) => parts[at]?.etag === `"${etag}"`);
  if (named.length === 0 || !isRight)
    return failure(400, "InvalidPart", "One or more of the specified parts could not be found.");
  if (parts.slice(0, -1).some((part) => part && part.bytes.length < smallestPart))
    return failure(400, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size");
  const refused = refusedWrite(request.headers, store.objects.get(upload.key));
  if (refused) return refused;
  const { etag } = store.complete(
    upload,
    named.map(({ number }) => number),
  );
  const facts = element("Bucket", store.bucket) + element("Key", upload.key) + element("ETag", etag);
  return xml("CompleteMultipartUploadResult", facts);
}

export function abortUpload(request: ShapeRequest, store: ObjectStore): Reply {
  const upload = uploadOf(request, store);
  if (upload === undefined) return noSuchUpload();
  store.uploads.delete(upload.id);
  return { status: 204 };
}

export function listUploads(_request: ShapeRequest, store: ObjectStore): Reply {
  const uploads = [...store.uploads.values()].map(
    ({ id, key, begun }) =>
      `<Upload>${element("Key", key)}${element("UploadId", id)}${element("Initiated", begun.toISOString())}</Upload>`,
  );
  return xml("ListMultipartUploadsResult", element("IsTruncated", false) + uploads.join(""));
}

export function listParts(request: ShapeRequest, store: ObjectStore): Reply {
  const upload = uploadOf(request, store);
  if (upload === undefined) return noSuchUpload();
  const parts = [...upload.parts].map(
    ([number, { etag, bytes }]) =>
      `<Part>${element("PartNumber", number)}${element("ETag", etag)}${element("Size", bytes.length)}</Part>`,
  );
  return xml("ListPartsResult", element("IsTruncated", false) + parts.join(""));
}
