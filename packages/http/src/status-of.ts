import { StorageError, type StorageErrorCode } from "@storage/core";
import { HttpError } from "./http-error.ts";

const statuses: Readonly<Partial<Record<StorageErrorCode, number>>> = {
  FileNotFound: 404,
  /** Of a bad or expired link too. */
  PermissionDenied: 403,
  /** It is our credentials that failed, not the client's. */
  Unauthenticated: 503,
  InvalidKey: 400,
  InvalidArgument: 400,
  Infected: 400,
  KeyConflict: 409,
  PreconditionFailed: 412,
  TooLarge: 413,
  RangeNotSatisfiable: 416,
  RateLimited: 429,
  NotSupported: 501,
  QuotaExceeded: 507,
  Timeout: 504,
  Unavailable: 503,
  BucketNotFound: 503,
  Configuration: 503,
  Closed: 503,
};

/** The HTTP status for what a backend or `acceptUpload` throws; 500 for the other codes, and for what is neither. */
export function statusOf(failure: unknown): number {
  const error = behind(failure);
  if (HttpError.is(error)) return error.status;
  return (StorageError.is(error) ? statuses[error.code] : undefined) ?? 500;
}

/** What a put failed with: the error of ours that the handed-over body ended with, where it did. */
export function behind(failure: unknown): unknown {
  if (!StorageError.is(failure, "SourceFailed")) return failure;
  const { cause } = failure;
  return HttpError.is(cause) || StorageError.is(cause) ? behind(cause) : failure;
}
