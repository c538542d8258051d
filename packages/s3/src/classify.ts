import type { Classified, DriverOperation, StorageErrorCode } from "@storage/core";
import { type FailureFacts, factsOfFailure } from "./failure.ts";

interface Verdict {
  readonly code: StorageErrorCode;
  /** What to do. */
  readonly hint?: string;
  readonly outcome?: Classified["outcome"];
}

const credentialsHint =
  "the service does not know these credentials: check accessKeyId and secretAccessKey (STORAGE_S3_ACCESS_KEY, STORAGE_S3_SECRET_KEY)";
const expiredHint = "the credentials have expired: get new ones, or leave them out for the SDK's own chain";
const bucketHint = "bucket does not exist: create it or check STORAGE_S3_BUCKET and STORAGE_S3_REGION";
const deniedHint =
  "the credentials may not do this; without s3:ListBucket a missing key is answered like this, too";

const noObject: Verdict = { code: "FileNotFound", hint: "there is no object under this key" };
const tooLarge: Verdict = { code: "TooLarge", hint: "the object is larger than the service allows" };
const otherBytes: Verdict = { code: "Integrity", hint: "the service received other bytes than were sent" };

/** By the code of the answer ("Error responses" in the S3 API reference; MinIO's and Ceph's own among them). */
const byCode: Readonly<Record<string, Verdict>> = {
  NoSuchKey: noObject,
  NoSuchVersion: noObject,
  NoSuchBucket: { code: "BucketNotFound", hint: bucketHint },
  NoSuchUpload: { code: "Unavailable", hint: "the upload in parts was ended by somebody else" },
  AccessDenied: { code: "PermissionDenied", hint: deniedHint },
  AllAccessDisabled: { code: "PermissionDenied", hint: deniedHint },
  AccountProblem: { code: "PermissionDenied", hint: "the account is closed or blocked" },
  InvalidAccessKeyId: { code: "Unauthenticated", hint: credentialsHint },
  SignatureDoesNotMatch: { code: "Unauthenticated", hint: credentialsHint },
  InvalidToken: { code: "Unauthenticated", hint: "the session token is not of this pair" },
  ExpiredToken: { code: "Unauthenticated", hint: expiredHint },
  TokenRefreshRequired: { code: "Unauthenticated", hint: expiredHint },
  RequestTimeTooSkewed: { code: "Unauthenticated", hint: "the clock of this machine is wrong: set it" },
  // R2's.
  Unauthorized: { code: "Unauthenticated", hint: credentialsHint },
  // Wasabi's, under 403.
  AuthenticationLockout: {
    code: "Unauthenticated",
    hint: "there were too many attempts with wrong credentials: check them, and wait five minutes",
  },
  CredentialsProviderError: {
    code: "Unauthenticated",
    hint: "no credentials were found: give accessKeyId and secretAccessKey, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
  },
  PreconditionFailed: { code: "PreconditionFailed", hint: "the object is not as the condition says" },
  // Another conditional write was under way: AWS wants it sent again, whole.
  ConditionalRequestConflict: { code: "Unavailable", outcome: "not-applied" },
  OperationAborted: { code: "Unavailable", outcome: "not-applied" },
  // The SDK's, where no connection was made in time, or none of `maxSockets` got free.
  TimeoutError: { code: "Timeout", hint: "no connection was to be had within timeouts.connect" },
  InvalidRange: { code: "RangeNotSatisfiable", hint: "the range starts past the end of the object" },
  EntityTooLarge: tooLarge,
  MetadataTooLarge: { code: "InvalidArgument", hint: "the metadata is larger than the service allows" },
  KeyTooLongError: { code: "InvalidKey", hint: "the key is longer than the service allows" },
  InvalidObjectName: { code: "InvalidKey", hint: "the service does not hold this key" },
  XMinioInvalidObjectName: { code: "InvalidKey", hint: "MinIO does not hold this key" },
  XMinioParentIsObject: { code: "KeyConflict", hint: "MinIO cannot hold a key below another object's" },
  XMinioObjectExistsAsDirectory: {
    code: "KeyConflict",
    hint: "MinIO cannot hold a key above another object's",
  },
  ObjectParentIsFile: { code: "KeyConflict", hint: "a key below another object's has no place there" },
  ExistingObjectIsDirectory: { code: "KeyConflict", hint: "a key above another object's has no place there" },
  BadDigest: otherBytes,
  XAmzContentChecksumMismatch: otherBytes,
  XAmzContentSHA256Mismatch: otherBytes,
  InvalidObjectState: { code: "Archived", hint: "the object lies in cold storage: restore it first" },
  SlowDown: { code: "RateLimited" },
  Throttling: { code: "RateLimited" },
  ThrottlingException: { code: "RateLimited" },
  RequestLimitExceeded: { code: "RateLimited" },
  TooManyRequests: { code: "RateLimited" },
  // Wasabi's, under 403.
  RequestRateLimitExceeded: { code: "RateLimited" },
  ServiceUnavailable: { code: "Unavailable" },
  InternalError: { code: "Unavailable" },
  // Wasabi's, under 410.
  ConnectionClosed: { code: "Unavailable" },
  RequestTimeout: { code: "Unavailable" },
  QuotaExceeded: { code: "QuotaExceeded", hint: "the account or the bucket is full" },
  XMinioStorageFull: { code: "QuotaExceeded", hint: "the disks of the service are full" },
  XMinioAdminBucketQuotaExceeded: { code: "QuotaExceeded", hint: "the bucket's quota is used up" },
  NotImplemented: { code: "NotSupported", hint: "this service does not implement that: look at probe()" },
  MethodNotAllowed: { code: "NotSupported", hint: "this service does not allow that here" },
};

const byStatus: Readonly<Record<number, Verdict>> = {
  304: { code: "NotModified" },
  400: { code: "InvalidArgument" },
  401: { code: "Unauthenticated", hint: credentialsHint },
  403: { code: "PermissionDenied", hint: deniedHint },
  // Not said by an S3 of an object: a page of a server that knows no bucket.
  404: { code: "BucketNotFound", hint: bucketHint },
  408: { code: "Unavailable" },
  409: { code: "Unavailable", outcome: "not-applied" },
  412: { code: "PreconditionFailed", hint: "the object is not as the condition says" },
  413: tooLarge,
  416: { code: "RangeNotSatisfiable", hint: "the range starts past the end of the object" },
  429: { code: "RateLimited" },
  501: { code: "NotSupported", hint: "this service does not implement that: look at probe()" },
  507: { code: "QuotaExceeded", hint: "the account or the bucket is full" },
};

/** Codes of Node and of OpenSSL under which a connection was not made, or broke. */
const setUpWrongly: Readonly<Record<string, string>> = {
  ENOTFOUND: "the name of the endpoint is not known: check endpoint (STORAGE_S3_ENDPOINT) and the region",
  ERR_TLS_CERT_ALTNAME_INVALID: "the certificate is of another name: check endpoint, or set forcePathStyle",
  DEPTH_ZERO_SELF_SIGNED_CERT: "the certificate is self-signed: set NODE_EXTRA_CA_CERTS",
  SELF_SIGNED_CERT_IN_CHAIN: "the certificate is self-signed: set NODE_EXTRA_CA_CERTS",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "the certificate is of an unknown authority: set NODE_EXTRA_CA_CERTS",
};

/** Said where the request came to a place that the bucket is not at. The last is R2's. */
const elsewhere =
  /Redirect$|^(AuthorizationHeaderMalformed|IllegalLocationConstraintException|InvalidRegionName)$/;

/** What no network throws. */
const ourMistakes = /^(TypeError|ReferenceError|RangeError|ERR_INVALID_\w+)$/;

/** By code and status, never by message. */
export function classify(cause: unknown, _operation?: DriverOperation): Classified {
  const facts = factsOfFailure(cause);
  return {
    ...verdictOn(facts),
    requestId: facts.requestId,
    retryAfter: secondsIn(facts.headers["retry-after"]),
  };
}

/** Seconds, or a date (RFC 9110, 10.2.3). */
function secondsIn(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const seconds = Number(header);
  const until = Number.isNaN(seconds) ? (Date.parse(header) - Date.now()) / 1000 : seconds;
  return Number.isNaN(until) ? undefined : Math.max(0, until);
}

function verdictOn(facts: FailureFacts): Classified {
  const { code, status, region } = facts;
  if (status === undefined) return withoutAnswer(code);
  if (isElsewhere(facts, status))
    return {
      code: "Configuration",
      hint: region
        ? `the bucket is in the region ${region}: set region (STORAGE_S3_REGION) to it`
        : "the bucket is in another region, or behind another endpoint: check region and endpoint",
    };
  if (byCode[code]) return byCode[code];
  const general = byStatus[status] ?? {
    code: status >= 500 || status < 300 ? "Unavailable" : status >= 400 ? "InvalidArgument" : "Unknown",
  };
  // The hint of a status is about what is usual, which an unusual code is not.
  return code === "" ? general : { ...general, hint: `the service answered ${code}` };
}

/** Of a HEAD, AWS says no more than 400 and where the bucket is. */
function isElsewhere({ code, region }: FailureFacts, status: number): boolean {
  if (status >= 300 && status < 400) return status !== 304;
  return elsewhere.test(code) || (status === 400 && code === "" && region !== undefined);
}

/** A connection that was not made carried no request. */
const neverSent = /^(ECONNREFUSED|EAI_AGAIN)$/;

function withoutAnswer(code: string): Classified {
  if (byCode[code]) return byCode[code];
  const hint = setUpWrongly[code];
  if (hint !== undefined) return { code: "Configuration", hint };
  if (ourMistakes.test(code)) return { code: "Unknown", hint: "a mistake of this library: please report it" };
  const outcome = neverSent.test(code) ? "not-applied" : undefined;
  return { code: "Unavailable", hint: code ? `no answer came (${code})` : "no answer came", outcome };
}
