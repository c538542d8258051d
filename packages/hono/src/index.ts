export { addStorage, type HonoApp } from "./add-storage.ts";
export { getStorage, type StorageVariables } from "./get-storage.ts";
export { sendObject } from "./send-object.ts";
export { type HonoErrorHandler, storageErrors } from "./storage-errors.ts";
