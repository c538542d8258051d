import { defined } from "./defined.ts";

const marker: unique symbol = Symbol.for("@storage/error/1");

/** The name of an error's class without `Error`; the base class has `Unknown`. */
export type StorageErrorCode =
  | "FileNotFound"
  | "PermissionDenied"
  | "Unauthenticated"
  | "QuotaExceeded"
  | "InvalidKey"
  | "InvalidArgument"
  | "KeyConflict"
  | "PreconditionFailed"
  | "NotModified"
  | "RangeNotSatisfiable"
  | "TooLarge"
  | "Integrity"
  | "NotSupported"
  | "BucketNotFound"
  | "Archived"
  | "RateLimited"
  | "Timeout"
  | "Aborted"
  | "Unavailable"
  | "Closed"
  | "Configuration"
  | "MissingDependency"
  | "Infected"
  | "SourceFailed"
  | "Unknown";

/** Whether a failed write may have taken effect all the same. */
export type Outcome = "not-applied" | "unknown";

/** What is known of a failure beside its code and its reason. */
export interface StorageErrorFacts {
  /** The method that was called, "put". */
  readonly operation?: string | undefined;
  /** The caller's key, also under layers; of copy and move the source. */
  readonly key?: string | undefined;
  /** Of copy and move. */
  readonly target?: string | undefined;
  /** The backend's name, "S3Backend". */
  readonly backend?: string | undefined;
  /** Whether the same call may succeed later. Default: by code. */
  readonly retryable?: boolean | undefined;
  /** Default: "not-applied". */
  readonly outcome?: Outcome | undefined;
  readonly requestId?: string | undefined;
  /** Seconds, as the service asked for (RateLimited, Unavailable). */
  readonly retryAfter?: number | undefined;
  /** Of NotModified: the object's current etag and time. */
  readonly etag?: string | undefined;
  readonly lastModified?: Date | undefined;
  readonly cause?: unknown;
}

/** What `StorageError.is` narrows to: the facts that only some codes carry, and the code itself. */
export type StorageErrorOf<Code extends StorageErrorCode> = StorageError & { readonly code: Code };

/**
 * The base of every error of this library. It carries facts and composes its own message, which shows
 * no secret, no signature and no path of the server.
 */
export class StorageError extends Error {
  static override readonly name: string = "StorageError";
  static readonly code: StorageErrorCode = "Unknown";
  static readonly retryable: boolean = false;

  declare readonly code: StorageErrorCode;
  /** One sentence: what is wrong and what to do about it. */
  declare readonly reason: string;
  declare readonly operation?: string;
  declare readonly key?: string;
  declare readonly target?: string;
  declare readonly backend?: string;
  declare readonly retryable: boolean;
  declare readonly outcome: Outcome;
  declare readonly requestId?: string;
  declare readonly retryAfter?: number;
  declare readonly etag?: string;
  declare readonly lastModified?: Date;

  constructor(reason: string, { cause, ...facts }: StorageErrorFacts = {}) {
    super(messageOf(reason, facts), defined({ cause }));
    const { name, code, retryable } = new.target;
    const shownAs = { value: name, configurable: true, writable: true };
    Object.defineProperties(this, { name: shownAs, [marker]: { value: true } });
    Object.assign(this, { outcome: "not-applied", retryable }, defined({ ...facts, code, reason }));
  }

  /** True for any error of this library, also of another copy of it; with a code, for that one only. */
  static is<Code extends StorageErrorCode = StorageErrorCode>(
    error: unknown,
    code?: Code,
  ): error is StorageErrorOf<Code> {
    const { [marker]: isOurs, code: found } = Object(error);
    return isOurs === true && (code ?? found) === found;
  }

  toJSON(): object {
    return Object.assign({ name: this.name, message: this.message }, this);
  }
}

function messageOf(reason: string, { operation, key, target }: StorageErrorFacts): string {
  const subject = [operation, key && quoted(key), target && `to ${quoted(target)}`].filter(Boolean).join(" ");
  return subject ? `${subject}: ${reason}` : reason;
}

/** A key in a message: escaped, so that no control character reaches a log, and cut at 200 characters. */
export function quoted(text: unknown): string {
  return JSON.stringify(String(text).slice(0, 200));
}
