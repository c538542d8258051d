export type { AcceptedUpload, AcceptOptions, AddStorageOptions } from "@storage/http";
export { HttpError } from "@storage/http";
export { acceptUpload } from "./accept-upload.ts";
export { addStorage, type HonoApp, type StorageMiddleware } from "./add-storage.ts";
export { getStorage, type StorageVariables } from "./get-storage.ts";
export { sendObject } from "./send-object.ts";
export { type HonoErrorHandler, storageErrors } from "./storage-errors.ts";
