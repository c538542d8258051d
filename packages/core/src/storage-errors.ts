import {
  StorageError,
  type StorageErrorCode,
  type StorageErrorFacts,
  type StorageErrorOf,
} from "./storage-error.ts";

type StorageErrorClass<Code extends StorageErrorCode> = new (
  reason: string,
  facts?: StorageErrorFacts,
) => StorageErrorOf<Code>;

const classes = new Map<StorageErrorCode, typeof StorageError>();

/** The class of a code, under a name of its own also where classes are renamed by a minifier. */
function errorClass<Code extends StorageErrorCode>(
  code: Code,
  { retryable = false, name = `${code}Error` } = {},
): StorageErrorClass<Code> {
  const type = class extends StorageError {
    static override readonly name: string = name;
    static override readonly code: Code = code;
    static override readonly retryable: boolean = retryable;
    declare readonly code: Code;
  };
  classes.set(code, type);
  return type;
}

/** The error of a code, for drivers that have a code at hand and no class. */
export function storageError(
  code: StorageErrorCode,
  reason: string,
  facts?: StorageErrorFacts,
): StorageError {
  return new (classes.get(code) ?? StorageError)(reason, facts);
}

/** There is no object under this key. Only a clear answer of the service is this; an outage never is. */
export const FileNotFoundError: StorageErrorClass<"FileNotFound"> = errorClass("FileNotFound");
export type FileNotFoundError = StorageErrorOf<"FileNotFound">;

/** The credentials are good, and may not do this; or a link is forged or has expired. */
export const PermissionDeniedError: StorageErrorClass<"PermissionDenied"> = errorClass("PermissionDenied");
export type PermissionDeniedError = StorageErrorOf<"PermissionDenied">;

/** The service does not accept our credentials. */
export const UnauthenticatedError: StorageErrorClass<"Unauthenticated"> = errorClass("Unauthenticated");
export type UnauthenticatedError = StorageErrorOf<"Unauthenticated">;

/** The disk or the account is full. */
export const QuotaExceededError: StorageErrorClass<"QuotaExceeded"> = errorClass("QuotaExceeded");
export type QuotaExceededError = StorageErrorOf<"QuotaExceeded">;

/** The key breaks the rules of `validateKey`; `reason` says which. */
export const InvalidKeyError: StorageErrorClass<"InvalidKey"> = errorClass("InvalidKey");
export type InvalidKeyError = StorageErrorOf<"InvalidKey">;

/** An option is unknown, of the wrong type, or contradicts another one. */
export const InvalidArgumentError: StorageErrorClass<"InvalidArgument"> = errorClass("InvalidArgument");
export type InvalidArgumentError = StorageErrorOf<"InvalidArgument">;

/** A plain file and a folder cannot share a name, nor can two keys that a disk takes for one. */
export const KeyConflictError: StorageErrorClass<"KeyConflict"> = errorClass("KeyConflict");
export type KeyConflictError = StorageErrorOf<"KeyConflict">;

/** The object is not (or no longer) as `ifMatch` or `ifNoneMatch` said. */
export const PreconditionFailedError: StorageErrorClass<"PreconditionFailed"> =
  errorClass("PreconditionFailed");
export type PreconditionFailedError = StorageErrorOf<"PreconditionFailed">;

/** The object is still the one that `ifNoneMatch` of a read names; carries `etag` and `lastModified`. */
export const NotModifiedError: StorageErrorClass<"NotModified"> = errorClass("NotModified");
export type NotModifiedError = StorageErrorOf<"NotModified">;

/** The range starts at or past the object's end. */
export const RangeNotSatisfiableError: StorageErrorClass<"RangeNotSatisfiable"> =
  errorClass("RangeNotSatisfiable");
export type RangeNotSatisfiableError = StorageErrorOf<"RangeNotSatisfiable">;

/** More bytes than `maxBytes`, or than the backend can hold. */
export const TooLargeError: StorageErrorClass<"TooLarge"> = errorClass("TooLarge");
export type TooLargeError = StorageErrorOf<"TooLarge">;

/** The bytes are not those that were promised: a checksum, a length, or an object that changed meanwhile. */
export const IntegrityError: StorageErrorClass<"Integrity"> = errorClass("Integrity");
export type IntegrityError = StorageErrorOf<"Integrity">;

/** This backend, or this runtime, can't do that; `capabilities` says so beforehand. */
export const NotSupportedError: StorageErrorClass<"NotSupported"> = errorClass("NotSupported");
export type NotSupportedError = StorageErrorOf<"NotSupported">;

/** The bucket, folder or account does not exist. */
export const BucketNotFoundError: StorageErrorClass<"BucketNotFound"> = errorClass("BucketNotFound");
export type BucketNotFoundError = StorageErrorOf<"BucketNotFound">;

/** The object lies in cold storage and has to be restored first. */
export const ArchivedError: StorageErrorClass<"Archived"> = errorClass("Archived");
export type ArchivedError = StorageErrorOf<"Archived">;

/** The service asks for fewer requests; `retryAfter` in seconds where it says how long to wait. */
export const RateLimitedError: StorageErrorClass<"RateLimited"> = errorClass("RateLimited", {
  retryable: true,
});
export type RateLimitedError = StorageErrorOf<"RateLimited">;

/** The service, or the caller's `AbortSignal.timeout`, ran out of time. */
export const TimeoutError: StorageErrorClass<"Timeout"> = errorClass("Timeout", { retryable: true });
export type TimeoutError = StorageErrorOf<"Timeout">;

/** The caller's signal, or `close`, ended the call. Its `name` is "AbortError", `cause` the signal's reason. */
export const AbortedError: StorageErrorClass<"Aborted"> = errorClass("Aborted", { name: "AbortError" });
export type AbortedError = StorageErrorOf<"Aborted">;

/** The service can't be reached, or fails on its side. */
export const UnavailableError: StorageErrorClass<"Unavailable"> = errorClass("Unavailable", {
  retryable: true,
});
export type UnavailableError = StorageErrorOf<"Unavailable">;

/** The backend was closed before this call. */
export const ClosedError: StorageErrorClass<"Closed"> = errorClass("Closed");
export type ClosedError = StorageErrorOf<"Closed">;

/** The backend is set up wrongly; the message says what to change. */
export const ConfigurationError: StorageErrorClass<"Configuration"> = errorClass("Configuration");
export type ConfigurationError = StorageErrorOf<"Configuration">;

/** An optional package is not installed; the message holds the command. */
export const MissingDependencyError: StorageErrorClass<"MissingDependency"> = errorClass("MissingDependency");
export type MissingDependencyError = StorageErrorOf<"MissingDependency">;

/** A scanner refused the content. */
export const InfectedError: StorageErrorClass<"Infected"> = errorClass("Infected");
export type InfectedError = StorageErrorOf<"Infected">;

/** The stream that was to be stored failed; its error is the `cause`. */
export const SourceFailedError: StorageErrorClass<"SourceFailed"> = errorClass("SourceFailed");
export type SourceFailedError = StorageErrorOf<"SourceFailed">;
