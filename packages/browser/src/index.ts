export { type PendingUploadOptions, pendingUpload } from "./pending-upload.ts";
export type { SignedParts, SignedUpload } from "./signed-upload.ts";
export { type UploadOptions, type UploadResult, upload } from "./upload.ts";
export { UploadError, type UploadFailure } from "./upload-error.ts";
