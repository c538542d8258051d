export { addStorage, type FastifyApp } from "./add-storage.ts";
export { getStorage } from "./get-storage.ts";
export { sendObject } from "./send-object.ts";
export { type FastifyErrorHandler, storageErrors } from "./storage-errors.ts";
export { storagePlugin } from "./storage-plugin.ts";
export { unreadBody } from "./unread-body.ts";
