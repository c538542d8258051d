import { type ServeObjectOptions, serveObject, toNodeHandler } from "@storage/http";
import type { FastifyReply, FastifyRequest } from "fastify";
import { getStorage } from "./get-storage.ts";
import { takeOver } from "./take-over.ts";

/**
 * Answers with one object, to a client that the application has let in: with ranges, conditions and headers
 * under which nothing of it runs. What goes wrong is answered too, and the request's log gets what is answered
 * with a 5xx, where there is no `onError`.
 *
 * @throws ConfigurationError before `addStorage`.
 */
export function sendObject(
  request: FastifyRequest,
  reply: FastifyReply,
  key: string,
  { onError = (error) => request.log.error(error), ...options }: ServeObjectOptions = {},
): void {
  const handler = serveObject(getStorage(request), key, { onError, ...options });
  takeOver(reply);
  toNodeHandler(handler)(request.raw, reply.raw);
}
