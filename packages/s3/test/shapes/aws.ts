import { namedKeys } from "./listing-answers.ts";
import { moment, type Quirk, refusal } from "./quirk.ts";
import { element, errorDocument, failure, noSuchKey, type Reply, xml } from "./replies.ts";
import { hasHeader, type ShapeRequest } from "./requests.ts";
import { signedAt } from "./signature.ts";
import { uploadOf } from "./upload-answers.ts";

const reference = "https://docs.aws.amazon.com/AmazonS3/latest/API/";
const guide = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/";

const isRead = ({ operation }: ShapeRequest): boolean => /^(Get|Head)Object$/.test(operation);
const accessDenied = (): Reply => failure(403, "AccessDenied", "Access Denied");
const isConditional = (request: ShapeRequest): boolean => hasHeader(request, /^if-(none-)?match$/);

export const tooSkewed = (): Reply =>
  failure(
    403,
    "RequestTimeTooSkewed",
    "The difference between the request time and the server's is too large.",
  );

export const clock: Quirk = refusal(
  {
    name: "a clock that is wrong by more than 15 minutes is refused",
    source: `${reference}API_Error.html`,
    quote: "RequestTimeTooSkewed: The difference between the request time and the server's time is too large",
  },
  (request, store) => Math.abs(signedAt(request).getTime() - store.now().getTime()) > 15 * 60_000,
  tooSkewed,
);

const archive: Quirk = refusal(
  {
    name: "an archived object is not read before it is restored",
    source: `${reference}API_GetObject.html`,
    quote:
      "you must first restore a copy using RestoreObject. Otherwise, this operation returns an InvalidObjectState error",
  },
  ({ operation, key }, store) =>
    operation === "GetObject" && store.objects.get(key)?.headers["x-amz-storage-class"] === "GLACIER",
  () => failure(403, "InvalidObjectState", "The operation is not valid for the object's storage class"),
);

const noAcls: Quirk = refusal(
  {
    name: "ACLs are switched off in a new bucket",
    source: `${guide}object-ownership-error-responses.html`,
    quote: "fail with a 400 error and return the AccessControlListNotSupported error code",
  },
  ({ headers }) => !/^(undefined|bucket-owner-full-control)$/.test(String(headers["x-amz-acl"])),
  () => failure(400, "AccessControlListNotSupported", "The bucket does not allow ACLs"),
);

const promisedChecksums: Quirk = refusal(
  {
    name: "an upload that was begun with a checksum wants one of each part",
    source: "https://github.com/aws/aws-sdk-js-v3/issues/6922",
    quote: "Checksum Type mismatch",
  },
  (request, store) =>
    request.operation === "UploadPart" &&
    uploadOf(request, store)?.checksumAlgorithm !== undefined &&
    !hasHeader(request, /^x-amz-(checksum-.*|trailer)$/),
  (request, store) => {
    const expected = uploadOf(request, store)?.checksumAlgorithm?.toLowerCase();
    const message = `Checksum Type mismatch occurred, expected checksum Type: ${expected}, actual checksum Type: null`;
    return failure(400, "InvalidRequest", message);
  },
);

const batches: Quirk = refusal(
  {
    name: "DeleteObjects takes 1,000 keys at most",
    source: `${reference}API_DeleteObjects.html`,
    quote: "The request can contain a list of up to 1,000 keys that you want to delete",
  },
  (request) => request.operation === "DeleteObjects" && namedKeys(request).length > 1000,
  () => failure(400, "MalformedXML", "The XML you provided was not well-formed"),
);

const nothingToMatch: Quirk = refusal(
  {
    name: "If-Match on a key without an object is 404",
    source: `${guide}conditional-writes.html#conditional-error-response`,
    quote: "the operation fails with a 404 Not Found error",
  },
  ({ operation, key, headers }, store) =>
    operation === "PutObject" && headers["if-match"] !== undefined && !store.objects.has(key),
  noSuchKey,
);

export const rules: readonly Quirk[] = [clock, archive, noAcls, promisedChecksums, batches, nothingToMatch];

/** Only where the credentials have no s3:ListBucket. */
export const hiddenAbsence: Quirk = refusal(
  {
    name: "without s3:ListBucket a missing key is 403",
    source: `${reference}API_GetObject.html`,
    quote: "the error that Amazon S3 returns depends on whether you also have the s3:ListBucket permission",
  },
  (request, store) => isRead(request) && !store.objects.has(request.key),
  accessDenied,
);

export const conflict: Quirk = refusal(
  {
    name: "a conditional write meets another one",
    source: `${reference}API_PutObject.html`,
    quote:
      "S3 returns a 409 ConditionalRequestConflict response. On a 409 failure you should retry the upload",
  },
  (request) => request.operation === "PutObject" && isConditional(request),
  () => failure(409, "ConditionalRequestConflict", "Conditional request conflict"),
);

export const conflictOfParts: Quirk = refusal(
  {
    name: "a conditional write in parts meets another one, and has to begin anew",
    source: `${reference}API_CompleteMultipartUpload.html`,
    quote: "On a 409 failure you should … re-initiate the multipart upload with CreateMultipartUpload",
  },
  (request) => request.operation === "CompleteMultipartUpload" && isConditional(request),
  () => failure(409, "ConditionalRequestConflict", "Conditional request conflict"),
);

export const lateError: Quirk = refusal(
  {
    name: "an error inside of 200 OK",
    source: `${reference}API_CompleteMultipartUpload.html`,
    quote: "a 200 OK response can contain either a success or an error",
  },
  ({ operation }) => /^(CopyObject|CompleteMultipartUpload)$/.test(operation),
  () => ({
    status: 200,
    headers: { "content-type": "application/xml" },
    body: errorDocument("InternalError", "We encountered an internal error. Please try again.").replace(
      "?>\n",
      "?>\n   \n   \n",
    ),
  }),
);

export const failedKeys: Quirk = refusal(
  {
    name: "DeleteObjects answers 200 with the keys that stay",
    source: `${reference}API_DeleteObjects.html`,
    quote: "In quiet mode the response includes only keys where the delete operation encountered an error",
  },
  ({ operation }) => operation === "DeleteObjects",
  (request) => {
    const codes = ["AccessDenied", "InternalError", "NoSuchKey"];
    const errors = namedKeys(request).map(
      (key, at) => `<Error>${element("Key", key)}${element("Code", codes[at] ?? "AccessDenied")}</Error>`,
    );
    return xml("DeleteResult", errors.join(""));
  },
);

const listed = (quote: string, status: number, code: string): Quirk =>
  moment({ name: code, source: `${reference}API_Error.html`, quote }, () => failure(status, code, quote));

export const expiredToken: Quirk = listed("The provided token has expired", 400, "ExpiredToken");
export const slowDown: Quirk = listed("Reduce your request rate", 503, "SlowDown");
export const tooLarge: Quirk = listed(
  "Your proposed upload exceeds the maximum allowed object size",
  400,
  "EntityTooLarge",
);
export const noBucket: Quirk = listed("The specified bucket does not exist", 404, "NoSuchBucket");
export const missingKmsKey: Quirk = moment(
  {
    name: "a KMS key that is not there is 400",
    source: "https://github.com/aws/aws-cli/issues/4507",
    quote: "An error occurred (KMS.NotFoundException) when calling the PutObject operation: Invalid keyId",
  },
  () => failure(400, "KMS.NotFoundException", "Invalid keyId aws/s3"),
);

export const moments: readonly Quirk[] = [
  hiddenAbsence,
  conflict,
  conflictOfParts,
  lateError,
  failedKeys,
  expiredToken,
  slowDown,
  tooLarge,
  noBucket,
  missingKmsKey,
];
