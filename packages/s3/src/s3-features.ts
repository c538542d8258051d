/**
 * What a service can do of what services differ in: an option of `S3Backend`, and what `probe()` finds
 * out. A wrong true can lose data, since a service that ignores a condition overwrites in silence.
 */
export interface S3Features {
  /** `If-None-Match: *` on PutObject. */
  readonly createOnly: boolean;
  /** `If-Match` on PutObject. */
  readonly compareAndSwap: boolean;
  /** Both on CompleteMultipartUpload: without it a conditional put has to fit into one part. */
  readonly conditionalParts: boolean;
  /** `If-Match` on DeleteObject. */
  readonly conditionalDelete: boolean;
  /** `x-amz-copy-source-if-match` on CopyObject. */
  readonly copyIfMatch: boolean;
  /** `If-None-Match: *` on CopyObject. */
  readonly copyCreateOnly: boolean;
  /** DeleteObjects, up to 1,000 keys at once. */
  readonly batchDelete: boolean;
  /** Uploads by POST, with a policy that holds them to a range of sizes. */
  readonly uploadForms: boolean;
  /** Whether an upload is held against its signed `x-amz-checksum-sha256`. */
  readonly uploadChecksums: boolean;
  /** Whether names of metadata keep an underscore. Where they do not, two dots are stored in its place. */
  readonly underscores: boolean;
  /**
   * What becomes of `a/b` beside `a`: "kept", as on AWS; "refused" by the service; or "hidden" from its
   * listings, so that we look for such a neighbour before each write (`KeyConflictError`).
   */
  readonly keyAndPrefix: "kept" | "refused" | "hidden";
}
