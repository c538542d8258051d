/** What is known of an upload that failed. */
export interface UploadFailure {
  /**
   * A word for programs. As the service says it ("AccessDenied", "NoSuchUpload", "TooLarge"), or of our own:
   * "Unavailable" where no answer came, "SourceFailed" where the file can't be read any more, "Configuration"
   * where the service hides what an upload in parts needs, "InvalidArgument", and "Unknown".
   */
  readonly code: string;
  /** A sentence that users can be shown. */
  readonly message: string;
  /** Of the last answer. Undefined: there was none. */
  readonly status?: number | undefined;
  /** Whether the same call may succeed later. Default: false. */
  readonly retryable?: boolean | undefined;
  /** Whether the file may be stored all the same: an answer was lost. Default: "not-applied". */
  readonly outcome?: "not-applied" | "unknown" | undefined;
  /** Seconds, as the service asked for. */
  readonly retryAfter?: number | undefined;
  readonly cause?: unknown;
}

/** An upload that failed; one that was aborted rejects with the signal's reason instead. */
export class UploadError extends Error {
  override readonly name: string = "UploadError";
  readonly code: string;
  readonly status: number | undefined;
  readonly retryable: boolean;
  readonly outcome: "not-applied" | "unknown";
  readonly retryAfter: number | undefined;

  constructor({ code, message, status, retryable, outcome, retryAfter, cause }: UploadFailure) {
    super(message, { cause });
    this.code = code;
    this.status = status;
    this.retryable = retryable ?? false;
    this.outcome = outcome ?? "not-applied";
    this.retryAfter = retryAfter;
  }
}
