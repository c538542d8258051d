import { StorageError, type StorageErrorCode } from "@storage/core";
import { HttpError } from "./http-error.ts";

/** As a client is told it. */
export interface Failure {
  readonly status: number;
  readonly code: string;
  readonly sentence: string;
}

type Answer = readonly [status: number, sentence: string];

const unavailable: Answer = [503, "The storage is not available: please try again later."];
const broken: Answer = [500, "Something went wrong on the server."];

/** For whoever follows a link. What an error says of itself is for the server's owner and stays here. */
const answers: Readonly<Partial<Record<StorageErrorCode, Answer>>> = {
  FileNotFound: [404, "There is no such file."],
  /** Of a bad or expired link too. */
  PermissionDenied: [403, "The server may not do this."],
  /** It is our credentials that failed, not the client's. */
  Unauthenticated: unavailable,
  InvalidKey: [400, "This is not a name that a file can have."],
  InvalidArgument: [400, "The request is not valid."],
  Infected: [400, "The file was refused by a virus scanner."],
  KeyConflict: [409, "Another file is in the way of this name."],
  PreconditionFailed: [412, "The file was changed, or is there already."],
  TooLarge: [413, "The file is too large."],
  RangeNotSatisfiable: [416, "The file does not have the bytes that were asked for."],
  RateLimited: [429, "Too many requests: please try again later."],
  NotSupported: [501, "The server cannot do this."],
  QuotaExceeded: [507, "There is no space left for the file."],
  Timeout: [504, "The storage took too long: please try again later."],
  Unavailable: unavailable,
  BucketNotFound: unavailable,
  Configuration: unavailable,
  Closed: unavailable,
};

/** The HTTP status for what a backend or `acceptUpload` throws; 500 for the other codes, and for what is neither. */
export function statusOf(failure: unknown): number {
  return failureOf(behind(failure)).status;
}

export function failureOf(error: unknown): Failure {
  if (HttpError.is(error)) return { status: error.status, code: error.code, sentence: error.message };
  const code = StorageError.is(error) ? error.code : "Unknown";
  const [status, sentence] = answers[code] ?? broken;
  return { status, code, sentence };
}

/** What a put failed with: the error of ours that the handed-over body ended with, where it did. */
export function behind(failure: unknown): unknown {
  if (!StorageError.is(failure, "SourceFailed")) return failure;
  const { cause } = failure;
  return HttpError.is(cause) || StorageError.is(cause) ? behind(cause) : failure;
}
