import { StorageError } from "@storage/core";
import { HttpError } from "./http-error.ts";
import type { HttpHandler } from "./http-handler.ts";
import { reporting } from "./reporting.ts";

export interface ErrorHandlerOptions {
  /** Told of every error that is answered with a 5xx, whose answer does not say what it was. Must not throw. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** For what a route has thrown: undefined where the error is nobody's here, and the application's to answer. */
export function errorHandler(error: unknown, { onError }: ErrorHandlerOptions = {}): HttpHandler | undefined {
  if (!StorageError.is(error) && !HttpError.is(error)) return undefined;
  return reporting(onError, async () => {
    throw error;
  });
}
