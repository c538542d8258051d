import { type ServeObjectOptions, serveObject, toFetchHandler } from "@storage/http";
import { getStorage } from "./get-storage.ts";

/**
 * One object, for a client that the application has let in: with ranges, conditions and headers under which
 * nothing of it runs. What goes wrong is answered too.
 *
 * @throws ConfigurationError before `addStorage`.
 */
export async function sendObject(
  c: { readonly var: object; readonly req: { readonly raw: Request } },
  key: string,
  options?: ServeObjectOptions,
): Promise<Response> {
  return await toFetchHandler(serveObject(getStorage(c), key, options))(c.req.raw);
}
