import type { IncomingMessage, ServerResponse } from "node:http";
import { type ServeObjectOptions, serveObject, toNodeHandler } from "@storage/http";
import { getStorage } from "./get-storage.ts";

/**
 * Answers with one object, to a client that the application has let in: with ranges, conditions and headers
 * under which nothing of it runs. What goes wrong is answered too.
 *
 * @throws ConfigurationError before `addStorage`.
 */
export function sendObject(
  req: IncomingMessage,
  res: ServerResponse,
  key: string,
  options?: ServeObjectOptions,
): void {
  toNodeHandler(serveObject(getStorage(req), key, options))(req, res);
}
