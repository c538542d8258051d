import { type ErrorHandlerOptions, errorHandler, toNodeHandler } from "@storage/http";
import type { FastifyReply, FastifyRequest } from "fastify";
import { takeOver } from "./take-over.ts";

export type FastifyErrorHandler = (error: unknown, request: FastifyRequest, reply: FastifyReply) => void;

/**
 * For `app.setErrorHandler`: what a backend or `acceptUpload` has thrown is answered by its status, with a
 * sentence for a person and a code for a program. Every other error goes on to the handler around this one.
 * Without `onError` the request's log gets what is answered with a 5xx.
 */
export function storageErrors(options: ErrorHandlerOptions = {}): FastifyErrorHandler {
  return (error, request, reply) => {
    const { onError = (failure) => request.log.error(failure) } = options;
    const handler = errorHandler(error, { onError });
    if (handler === undefined) throw error;
    takeOver(reply);
    toNodeHandler(handler)(request.raw, reply.raw);
  };
}
