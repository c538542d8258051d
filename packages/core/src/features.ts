import type { Limits } from "./storage-backend.ts";
import type { Features } from "./storage-driver.ts";

/** A driver that honours every option starts from these, and names what is different. */
export const allFeatures: Features = {
  createOnly: true,
  compareAndSwap: true,
  conditionalDelete: true,
  copyIfMatch: true,
  copyCreateOnly: true,
  rangeReads: true,
  userMetadata: true,
  contentType: true,
  contentEncoding: true,
  contentDisposition: true,
  cacheControl: true,
  delimiter: true,
  orderedListing: true,
  keyAndPrefix: true,
  uploadMethods: ["PUT"],
  uploadParts: false,
};

/** What the rules of keys and metadata allow, and no more than a number can count. */
export const widestLimits: Limits = {
  keyBytes: 1024,
  segmentBytes: 255,
  metadataBytes: 2048,
  objectBytes: Number.MAX_SAFE_INTEGER,
};
