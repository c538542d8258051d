import type { Features, StorageDriver } from "./storage-driver.ts";

/** What a backend can do, as data. An option that it can't honour is a NotSupportedError before any I/O. */
export interface Capabilities extends Omit<Features, "uploadMethods" | "provider"> {
  readonly signedUrls: boolean;
  readonly signedUploads: readonly ("PUT" | "POST")[];
}

/** Derived from the methods that are there, so that it cannot disagree with the code. */
export function capabilitiesOf({ features, copy, signUrl, signUpload }: StorageDriver): Capabilities {
  const { uploadMethods, provider: _, ...others } = features;
  return Object.freeze({
    ...others,
    copyIfMatch: !copy || features.copyIfMatch,
    copyCreateOnly: copy ? features.copyCreateOnly : features.createOnly,
    uploadParts: !!signUpload && features.uploadParts,
    signedUrls: !!signUrl,
    signedUploads: Object.freeze(signUpload ? [...uploadMethods] : []),
  });
}
