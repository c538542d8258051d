import { moment, type Quirk, refusal } from "./quirk.ts";
import { failure } from "./replies.ts";
import { hasHeader } from "./requests.ts";

const reference = "https://docs.digitalocean.com/reference/api/spaces-api/";
const warning =
  "You currently cannot upload to or delete files from Spaces buckets using AWS CLI or SDK versions released on or after 15 January 2025";

// What these SDKs changed is the checksums; the page does not say the code.
const newUploads: Quirk = refusal(
  { name: "uploads as SDKs of 2025 make them fail", source: reference, quote: warning },
  (request) =>
    /^(PutObject|UploadPart|CreateMultipartUpload)$/.test(request.operation) &&
    hasHeader(request, /^(x-amz-(sdk-)?checksum-.*|x-amz-trailer)$/),
  () => failure(400, "InvalidArgument", "Unknown"),
);

const newDeletes: Quirk = refusal(
  { name: "bulk deletes as SDKs of 2025 make them fail", source: reference, quote: warning },
  (request) => request.operation === "DeleteObjects" && !hasHeader(request, /^content-md5$/),
  () => failure(400, "InvalidRequest", "Missing required header for this request: Content-MD5"),
);

const noServerSideKeys: Quirk = refusal(
  {
    name: "encryption with keys of the service is not there",
    source: "https://docs.digitalocean.com/products/spaces/reference/s3-compatibility/",
    quote: "Supported with SSE-C … Bucket-level encryption settings are not supported",
  },
  (request) => hasHeader(request, /^x-amz-server-side-encryption(-aws-kms-key-id)?$/),
  // The words are those of https://github.com/mkloubert/vscode-remote-workspace/issues/133.
  () => failure(501, "NotImplemented", "Server does not one or more requested headers."),
);

export const rules: readonly Quirk[] = [newUploads, newDeletes, noServerSideKeys];

export const slowDown: Quirk = moment(
  {
    name: "too many requests are 503",
    source: "https://docs.digitalocean.com/products/spaces/details/limits/",
    quote: "Applications should retry with exponential backoff on 503 Slow Down errors",
  },
  () => failure(503, "SlowDown", "Please reduce your request rate."),
);

export const moments: readonly Quirk[] = [slowDown];
