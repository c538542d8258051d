export { addStorage, type ExpressApp, type ExpressMiddleware } from "./add-storage.ts";
export { getStorage } from "./get-storage.ts";
export { sendObject } from "./send-object.ts";
export { type ExpressErrorMiddleware, storageErrors } from "./storage-errors.ts";
