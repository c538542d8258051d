import type { IncomingMessage, ServerResponse } from "node:http";
import { type ErrorHandlerOptions, errorHandler, toNodeHandler } from "@storage/http";
import { withoutMulter } from "./multer-refusal.ts";

export type ExpressErrorMiddleware = (
  error: unknown,
  req: IncomingMessage,
  res: ServerResponse,
  next: (error?: unknown) => void,
) => void;

/**
 * An error middleware: what a backend, `acceptUpload` or multer has thrown is answered by its status, with a
 * sentence for a person and a code for a program. Every other error goes on to the next one.
 */
export function storageErrors(options?: ErrorHandlerOptions): ExpressErrorMiddleware {
  // Express knows an error middleware by its four parameters.
  return (error, req, res, next) => {
    const handler = res.headersSent ? undefined : errorHandler(withoutMulter(error), options);
    if (handler === undefined) next(error);
    else toNodeHandler(handler)(req, res);
  };
}
