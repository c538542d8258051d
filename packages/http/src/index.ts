export { toFetchHandler } from "./fetch-handler.ts";
export { health } from "./health.ts";
export type { HttpAnswer } from "./http-answer.ts";
export type { HttpHandler } from "./http-handler.ts";
export type { HttpRequest } from "./http-request.ts";
export { toNodeHandler } from "./node-handler.ts";
export { type ServeFilesOptions, serveFiles } from "./serve-files.ts";
export { statusOf } from "./status-of.ts";
