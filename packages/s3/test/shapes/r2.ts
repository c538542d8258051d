import { copyObject, putObject } from "./object-answers.ts";
import { moment, type Quirk, refusal } from "./quirk.ts";
import { failure, type Reply } from "./replies.ts";
import { hasHeader, type ShapeRequest } from "./requests.ts";
import { regionOf } from "./signature.ts";
import { completeUpload, createUpload, namedParts, uploadOf } from "./upload-answers.ts";

const errorCodes = "https://developers.cloudflare.com/r2/api/error-codes/";
const compatibility = "https://developers.cloudflare.com/r2/api/s3/api/";
const extensions = "https://developers.cloudflare.com/r2/api/s3/extensions/";

const notImplemented = (message: string): Reply => failure(501, "NotImplemented", message);
const writes = /^(PutObject|UploadPart|CreateMultipartUpload)$/;

/** The form of the message is that of the issue about checksums. */
function headerRefused({ headers }: ShapeRequest, form: RegExp): Reply {
  const [name, value] = Object.entries(headers).find(([header]) => form.test(header)) ?? [];
  return notImplemented(`Header '${name}' with value '${value}' not implemented`);
}

const checksum = /^x-amz-(sdk-)?checksum-/;

const checksumHeaders: Quirk = refusal(
  {
    name: "a checksum beside the body is refused",
    source: "https://github.com/cloudflare/cloudflare-docs/pull/19236",
    quote: "501: NotImplemented: Header 'x-amz-checksum-crc32' with value (***) not implemented",
  },
  (request) => writes.test(request.operation) && hasHeader(request, checksum),
  (request) => headerRefused(request, checksum),
);

const streamedSignatures: Quirk = refusal(
  {
    name: "a body in signed chunks, or with a trailer, is refused",
    source: "https://github.com/cloudflare/cloudflare-docs/issues/6133",
    quote: "STREAMING-AWS4-HMAC-SHA256-PAYLOAD not implemented",
  },
  ({ headers }) => /^STREAMING-/.test(headers["x-amz-content-sha256"] ?? ""),
  ({ headers }) => notImplemented(`${headers["x-amz-content-sha256"]} not implemented`),
);

const missing =
  /^x-amz-(acl|grant-.*|tagging|object-lock-.*|server-side-encryption|server-side-encryption-aws-kms-key-id)$/;

const missingHeaders: Quirk = refusal(
  {
    name: "ACLs, tags, locks and KMS are refused",
    source: compatibility,
    quote: "❌ Tagging: ❌ x-amz-tagging ❌ Object Locking: ❌ x-amz-object-lock-mode … ❌ ACL: ❌ x-amz-acl",
  },
  (request) => hasHeader(request, missing),
  (request) => headerRefused(request, missing),
);

const equalParts: Quirk = refusal(
  {
    name: "all parts but the last are of one size",
    source: errorCodes,
    quote: "10048 | InvalidPart | 400 | All non-trailing parts must have the same size",
  },
  (request, store) => {
    const upload = request.operation === "CompleteMultipartUpload" ? uploadOf(request, store) : undefined;
    const sizes = namedParts(request).map(({ number }) => upload?.parts.get(number)?.bytes.length);
    return new Set(sizes.slice(0, -1)).size > 1;
  },
  () => failure(400, "InvalidPart", "All non-trailing parts must have the same length."),
);

const noForms: Quirk = refusal(
  {
    name: "uploads by a form are not supported",
    source: "https://developers.cloudflare.com/r2/api/s3/presigned-urls/",
    quote: "POST, which performs uploads via native HTML forms, is not currently supported",
  },
  ({ operation }) => operation === "PostObject",
  () => notImplemented("PostObject not implemented"),
);

const regions: Quirk = refusal(
  {
    name: "the region is auto, or us-east-1 for those who can't say so",
    source: compatibility,
    quote: "an empty value and us-east-1 will alias to the auto region",
  },
  (request) => !/^(auto|us-east-1|)$/.test(regionOf(request)),
  (request) =>
    // The words are those of https://github.com/jeessy2/backup-x/issues/127.
    failure(
      400,
      "InvalidRegionName",
      `The region name '${regionOf(request)}' is not valid. Must be one of: wnam, enam, weur, eeur, apac, oc, auto`,
    ),
);

/** Without the headers that nothing says R2 looks at. */
const unconditional = (request: ShapeRequest): ShapeRequest => {
  const { "if-match": _match, "if-none-match": _noneMatch, ...headers } = request.headers;
  return { ...request, headers };
};

const conditionalUploads: Quirk = {
  name: "conditions are of PutObject, and not of CompleteMultipartUpload",
  source: extensions,
  quote: "PutObject supports conditional uploads via the If-Match, If-None-Match … headers",
  answers(request, store) {
    const isComplete = request.operation === "CompleteMultipartUpload";
    if (!isComplete || !hasHeader(request, /^if-(none-)?match$/)) return undefined;
    return equalParts.answers(request, store) ?? completeUpload(unconditional(request), store);
  },
};

const conditionalCopies: Quirk = {
  name: "a condition on a copy's target is a header of R2's own",
  source: extensions,
  quote: "R2 supports an R2 specific set of headers that allow the CopyObject operation to be conditional",
  answers(request, store) {
    if (request.operation !== "CopyObject" || !hasHeader(request, /^if-(none-)?match$/)) return undefined;
    return copyObject(unconditional(request), store);
  },
};

const word = /^=\?utf-8\?b\?(.*)\?=$/i;

/** What is no ASCII comes back encoded as it was; the rest comes back bare, and HTTP trims its blanks. */
function decoded(headers: Readonly<Record<string, string>>): Record<string, string> {
  const pairs = Object.entries(headers).map(([name, value]) => {
    const encoded = name.startsWith("x-amz-meta-") ? word.exec(value)?.[1] : undefined;
    const text = Buffer.from(encoded ?? "", "base64").toString();
    return [name, encoded === undefined || !/^[ -~]*$/.test(text) ? value : text];
  });
  return Object.fromEntries(pairs);
}

const makers = { PutObject: putObject, CreateMultipartUpload: createUpload, CopyObject: copyObject };

const decodedMetadata: Quirk = {
  name: "metadata is decoded by RFC 2047 before it is stored",
  source: extensions,
  quote: "automatically decodes all x-amz-meta-* header values before storage",
  answers(request, store) {
    if (!hasHeader(request, /^x-amz-meta-/)) return undefined;
    const make = makers[request.operation as keyof typeof makers];
    return make?.({ ...request, headers: decoded(request.headers) }, store);
  },
};

export const rules: readonly Quirk[] = [
  streamedSignatures,
  checksumHeaders,
  missingHeaders,
  equalParts,
  noForms,
  regions,
  conditionalUploads,
  conditionalCopies,
  decodedMetadata,
];

const said = (name: string, quote: string): Pick<Quirk, "name" | "source" | "quote"> => ({
  name,
  source: errorCodes,
  quote,
});

export const tooManyRequests: Quirk = moment(
  said("one write a second and key", "10058 | TooManyRequests | 429 | Rate limit exceeded"),
  () => failure(429, "TooManyRequests", "Reduce your concurrent request rate for the same object."),
);

export const unauthorized: Quirk = moment(
  said(
    "a token that is not known is 401",
    "10002 | Unauthorized | 401 | Missing or invalid authentication credentials",
  ),
  () => failure(401, "Unauthorized", "Unauthorized"),
);

export const lockedByRule: Quirk = moment(
  said(
    "a bucket lock rule refuses with 403",
    "10069 | ObjectLockedByBucketPolicy | 403 | Object is protected by a bucket lock rule",
  ),
  () => failure(403, "ObjectLockedByBucketPolicy", "The object is locked by the bucket policy."),
);

export const invalidObjectName: Quirk = moment(
  said(
    "a key that it can't hold is InvalidObjectName",
    "10020 | InvalidObjectName | 400 | Object key contains invalid characters or is too long",
  ),
  () => failure(400, "InvalidObjectName", "The specified object name is not valid."),
);

export const entityTooLarge: Quirk = moment(
  said(
    "an object too large is EntityTooLarge with 400",
    "100100 | EntityTooLarge | 400 | Object exceeds maximum size",
  ),
  () => failure(400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed object size."),
);

export const moments: readonly Quirk[] = [
  tooManyRequests,
  unauthorized,
  lockedByRule,
  invalidObjectName,
  entityTooLarge,
];
