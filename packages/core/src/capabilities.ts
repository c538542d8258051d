import type { Features, StorageDriver } from "./storage-driver.ts";

/** What a backend can do, as data. An option that it can't honour is a NotSupportedError before any I/O. */
export interface Capabilities extends Omit<Features, "uploadMethods" | "provider"> {
  readonly signedUrls: boolean;
  readonly signedUploads: readonly ("PUT" | "POST")[];
}

/** Derived from the methods that are there, so that it cannot disagree with the code. */
export function capabilitiesOf(driver: StorageDriver): Capabilities {
  const { uploadMethods, provider: _, ...features } = driver.features;
  const uploads = driver.signUpload !== undefined;
  return Object.freeze({
    ...features,
    copyIfMatch: driver.copy === undefined || features.copyIfMatch,
    copyCreateOnly: driver.copy === undefined ? features.createOnly : features.copyCreateOnly,
    uploadParts: uploads && features.uploadParts,
    signedUrls: driver.signUrl !== undefined,
    signedUploads: uploads ? uploadMethods : [],
  });
}
