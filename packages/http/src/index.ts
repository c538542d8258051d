export { acceptFile, type ParsedFile } from "./accept-file.ts";
export { type AcceptOptions, checkAcceptOptions } from "./accept-options.ts";
export { acceptUpload } from "./accept-upload.ts";
export type { AcceptedUpload } from "./accepted-upload.ts";
export {
  type AddStorageOptions,
  type AppDefaults,
  AppStorage,
  notConfigured,
  serverOf,
} from "./app-storage.ts";
export { type CorsOptions, withCors } from "./cors.ts";
export { errorAnswer } from "./error-answer.ts";
export { type ErrorHandlerOptions, errorHandler } from "./error-handler.ts";
export { toFetchHandler } from "./fetch-handler.ts";
export { health } from "./health.ts";
export type { HttpAnswer } from "./http-answer.ts";
export { HttpError } from "./http-error.ts";
export type { HttpHandler } from "./http-handler.ts";
export type { HttpRequest } from "./http-request.ts";
export { keyFromFileName } from "./key-from-file-name.ts";
export { toNodeHandler } from "./node-handler.ts";
export type { NodeServer } from "./request-timeout.ts";
export { type ServeFilesOptions, serveFiles } from "./serve-files.ts";
export { type ServeObjectOptions, serveObject } from "./serve-object.ts";
export { statusOf } from "./status-of.ts";
export { type SiteOptions, type StorageSite, storageSite } from "./storage-site.ts";
