import { moment, type Quirk, refusal } from "./quirk.ts";
import { failure, notImplemented } from "./replies.ts";
import { hasHeader, type ShapeRequest } from "./requests.ts";

const page = "https://www.backblaze.com/docs/cloud-storage-s3-compatible-api";

const checksum = /^x-amz-(sdk-)?checksum-/;
const tagging = /^x-amz-tagging$/;

const unsupported = (form: RegExp) => (request: ShapeRequest) => {
  const name = Object.keys(request.headers).find((header) => form.test(header));
  return failure(400, "InvalidArgument", `Unsupported header '${name}' received for this API call.`);
};

const checksumHeaders: Quirk = refusal(
  {
    name: "a checksum header is refused, on reads too",
    source: "https://github.com/diced/zipline/issues/746",
    quote: "Unsupported headers: x-amz-checksum-crc32 and x-amz-checksum-mode",
  },
  (request) => hasHeader(request, checksum),
  unsupported(checksum),
);

// The issue does not name the header, and no source gives the reply: Content-MD5 is what DeleteObjects wanted before.
const bulkDeletes: Quirk = refusal(
  {
    name: "DeleteObjects wants a header that newer SDKs leave out",
    source: "https://github.com/Peergos/Peergos/pull/1298",
    quote: "Fix bulk S3 deletion on some S3 implementations (including B2)",
  },
  (request) => request.operation === "DeleteObjects" && !hasHeader(request, /^content-md5$/),
  () => failure(400, "InvalidRequest", "Missing required header for this request: Content-MD5"),
);

const conditionalWrites: Quirk = refusal(
  {
    name: "a condition on PutObject is refused",
    source: "https://github.com/sathinduga/obsidian-s3-sync-and-backup/issues/78",
    quote: "Backblaze B2's S3 API doesn't implement conditional PutObject",
  },
  (request) =>
    /^(PutObject|CompleteMultipartUpload)$/.test(request.operation) &&
    hasHeader(request, /^if-(none-)?match$/),
  notImplemented,
);

const tags: Quirk = refusal(
  {
    name: "tags are rejected",
    source: "https://www.backblaze.com/apidocs/s3-copy-object",
    quote:
      "the x-amz-tagging header will be explicitly rejected if it is included on the Copy Object (or Put Object)",
  },
  (request) => hasHeader(request, tagging),
  unsupported(tagging),
);

const bucketAcl: Quirk = refusal(
  {
    name: "an ACL has to be the bucket's own",
    source: page,
    quote: "The call succeeds only when the specified ACL matches the ACL of the bucket",
  },
  // The bucket of these tests is private. The page does not say the code.
  ({ headers }) => (headers["x-amz-acl"] ?? "private") !== "private",
  ({ headers }) => failure(400, "InvalidArgument", `Unsupported canned ACL '${headers["x-amz-acl"]}'`),
);

const noForms: Quirk = refusal(
  {
    name: "uploads by a form are not among its calls",
    source: "https://www.backblaze.com/b2/docs/s3_compatible_api.html",
    quote:
      "Here are the calls that are supported: … Put Object, Put Object Copy, Upload Part, Upload Part Copy",
  },
  ({ operation }) => operation === "PostObject",
  notImplemented,
);

export const rules: readonly Quirk[] = [
  bulkDeletes,
  checksumHeaders,
  conditionalWrites,
  tags,
  bucketAcl,
  noForms,
];

export const noTomes: Quirk = moment(
  {
    name: "a saturated server says so, and another one is behind the next connection",
    source: "https://github.com/mastodon/mastodon/issues/30030",
    quote: "Aws::S3::Errors::ServiceUnavailable: no tomes available",
  },
  () => failure(503, "ServiceUnavailable", "no tomes available"),
);

export const slowDown: Quirk = moment(
  {
    name: "too many requests are 503, with the time to wait",
    source: "https://www.backblaze.com/docs/cloud-storage-rate-limits",
    quote: "503 - SlowDown … This response may include a Retry-After header",
  },
  () => failure(503, "SlowDown", "Please reduce your request rate.", { headers: { "retry-after": "1" } }),
);

export const moments: readonly Quirk[] = [noTomes, slowDown];
