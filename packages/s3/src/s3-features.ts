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
  /** Uploads by POST, with a policy. */
  readonly uploadForms: boolean;
}
