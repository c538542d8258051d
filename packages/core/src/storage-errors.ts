import { StorageError, type StorageErrorCode, type StorageErrorFacts } from "./storage-error.ts";

/** There is no object under this key. Only a clear answer of the service is this; an outage never is. */
export class FileNotFoundError extends StorageError {
  static override readonly code: StorageErrorCode = "FileNotFound";
  declare readonly code: "FileNotFound";
}

/** The credentials are good, and may not do this; or a link is forged or has expired. */
export class PermissionDeniedError extends StorageError {
  static override readonly code: StorageErrorCode = "PermissionDenied";
  declare readonly code: "PermissionDenied";
}

/** The service does not accept our credentials. */
export class UnauthenticatedError extends StorageError {
  static override readonly code: StorageErrorCode = "Unauthenticated";
  declare readonly code: "Unauthenticated";
}

/** The disk or the account is full. */
export class QuotaExceededError extends StorageError {
  static override readonly code: StorageErrorCode = "QuotaExceeded";
  declare readonly code: "QuotaExceeded";
}

/** The key breaks the rules of `validateKey`; `reason` says which. */
export class InvalidKeyError extends StorageError {
  static override readonly code: StorageErrorCode = "InvalidKey";
  declare readonly code: "InvalidKey";
}

/** An option is unknown, of the wrong type, or contradicts another one. */
export class InvalidArgumentError extends StorageError {
  static override readonly code: StorageErrorCode = "InvalidArgument";
  declare readonly code: "InvalidArgument";
}

/** A plain file and a folder cannot share a name, nor can two keys that a disk takes for one. */
export class KeyConflictError extends StorageError {
  static override readonly code: StorageErrorCode = "KeyConflict";
  declare readonly code: "KeyConflict";
}

/** The object is not (or no longer) as `ifMatch` or `ifNoneMatch` said. */
export class PreconditionFailedError extends StorageError {
  static override readonly code: StorageErrorCode = "PreconditionFailed";
  declare readonly code: "PreconditionFailed";
}

/** The object is still the one that `ifNoneMatch` of a read names; carries `etag` and `lastModified`. */
export class NotModifiedError extends StorageError {
  static override readonly code: StorageErrorCode = "NotModified";
  declare readonly code: "NotModified";
}

/** The range starts at or past the object's end. */
export class RangeNotSatisfiableError extends StorageError {
  static override readonly code: StorageErrorCode = "RangeNotSatisfiable";
  declare readonly code: "RangeNotSatisfiable";
}

/** More bytes than `maxBytes`, or than the backend can hold. */
export class TooLargeError extends StorageError {
  static override readonly code: StorageErrorCode = "TooLarge";
  declare readonly code: "TooLarge";
}

/** The bytes are not those that were promised: a checksum, a length, or an object that changed meanwhile. */
export class IntegrityError extends StorageError {
  static override readonly code: StorageErrorCode = "Integrity";
  declare readonly code: "Integrity";
}

/** This backend, or this runtime, can't do that; `capabilities` says so beforehand. */
export class NotSupportedError extends StorageError {
  static override readonly code: StorageErrorCode = "NotSupported";
  declare readonly code: "NotSupported";
}

/** The bucket, folder or account does not exist. */
export class BucketNotFoundError extends StorageError {
  static override readonly code: StorageErrorCode = "BucketNotFound";
  declare readonly code: "BucketNotFound";
}

/** The object lies in cold storage and has to be restored first. */
export class ArchivedError extends StorageError {
  static override readonly code: StorageErrorCode = "Archived";
  declare readonly code: "Archived";
}

/** The service asks for fewer requests; `retryAfter` in seconds where it says how long to wait. */
export class RateLimitedError extends StorageError {
  static override readonly code: StorageErrorCode = "RateLimited";
  static override readonly retryable: boolean = true;
  declare readonly code: "RateLimited";
}

/** The service, or the caller's `AbortSignal.timeout`, ran out of time. */
export class TimeoutError extends StorageError {
  static override readonly code: StorageErrorCode = "Timeout";
  static override readonly retryable: boolean = true;
  declare readonly code: "Timeout";
}

/** The caller's signal, or `close`, ended the call. Its `name` is "AbortError", `cause` the signal's reason. */
export class AbortedError extends StorageError {
  static override readonly code: StorageErrorCode = "Aborted";
  declare readonly code: "Aborted";
}

/** The service can't be reached, or fails on its side. */
export class UnavailableError extends StorageError {
  static override readonly code: StorageErrorCode = "Unavailable";
  static override readonly retryable: boolean = true;
  declare readonly code: "Unavailable";
}

/** The backend was closed before this call. */
export class ClosedError extends StorageError {
  static override readonly code: StorageErrorCode = "Closed";
  declare readonly code: "Closed";
}

/** The backend is set up wrongly; the message says what to change. */
export class ConfigurationError extends StorageError {
  static override readonly code: StorageErrorCode = "Configuration";
  declare readonly code: "Configuration";
}

/** An optional package is not installed; the message holds the command. */
export class MissingDependencyError extends StorageError {
  static override readonly code: StorageErrorCode = "MissingDependency";
  declare readonly code: "MissingDependency";
}

/** A scanner refused the content. */
export class InfectedError extends StorageError {
  static override readonly code: StorageErrorCode = "Infected";
  declare readonly code: "Infected";
}

/** The stream that was to be stored failed; its error is the `cause`. */
export class SourceFailedError extends StorageError {
  static override readonly code: StorageErrorCode = "SourceFailed";
  declare readonly code: "SourceFailed";
}

const classes = [
  FileNotFoundError,
  PermissionDeniedError,
  UnauthenticatedError,
  QuotaExceededError,
  InvalidKeyError,
  InvalidArgumentError,
  KeyConflictError,
  PreconditionFailedError,
  NotModifiedError,
  RangeNotSatisfiableError,
  TooLargeError,
  IntegrityError,
  NotSupportedError,
  BucketNotFoundError,
  ArchivedError,
  RateLimitedError,
  TimeoutError,
  AbortedError,
  UnavailableError,
  ClosedError,
  ConfigurationError,
  MissingDependencyError,
  InfectedError,
  SourceFailedError,
] as const;
const byCode = new Map<StorageErrorCode, typeof StorageError>(classes.map((type) => [type.code, type]));

/** The error of a code, for drivers that have a code at hand and no class. */
export function storageError(
  code: StorageErrorCode,
  reason: string,
  facts?: StorageErrorFacts,
): StorageError {
  return new (byCode.get(code) ?? StorageError)(reason, facts);
}
