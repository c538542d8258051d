import { type ErrorHandlerOptions, errorHandler, toFetchHandler } from "@storage/http";

interface Context {
  readonly req: { readonly raw: Request };
}

export type HonoErrorHandler = (error: Error, c: Context) => Promise<Response>;

/** By an app that stands in another one, which is to be silent about them. */
const told = new WeakSet<Error>();

/**
 * For `app.onError`: what a backend or `acceptUpload` has thrown is answered by its status, with a sentence
 * for a person and a code for a program. Hono's HTTPException answers as it says; every other error is
 * thrown on, to the app around this one. The console is told of it first, as by Hono itself, since what
 * comes from the outermost app becomes a 500 without a word.
 */
export function storageErrors(options?: ErrorHandlerOptions): HonoErrorHandler {
  return async (error, c) => {
    const handler = errorHandler(error, options);
    if (handler !== undefined) return await toFetchHandler(handler)(c.req.raw);
    if ("getResponse" in error && typeof error.getResponse === "function") return error.getResponse();
    if (!told.has(error)) console.error(error);
    told.add(error);
    throw error;
  };
}
