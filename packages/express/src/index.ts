export type { AcceptedUpload, AcceptOptions, AddStorageOptions } from "@storage/http";
export { acceptUpload, HttpError } from "@storage/http";
export { addStorage, type ExpressApp, type ExpressMiddleware } from "./add-storage.ts";
export { getStorage } from "./get-storage.ts";
export { sendObject } from "./send-object.ts";
export {
  type StorageEngine,
  type StorageEngineOptions,
  type StoredFile,
  storageEngine,
} from "./storage-engine.ts";
export { type ExpressErrorMiddleware, storageErrors } from "./storage-errors.ts";
