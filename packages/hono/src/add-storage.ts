import type { StorageBackend } from "@storage/core";
import { type AddStorageOptions, AppStorage, serverOf, toFetchHandler } from "@storage/http";
import type { MiddlewareHandler } from "hono";
import type { StorageVariables } from "./get-storage.ts";

export type StorageMiddleware = MiddlewareHandler<{ Variables: StorageVariables }>;

/** Hono 4, or what `app.basePath` gives. */
export interface HonoApp {
  use(middleware: StorageMiddleware): unknown;
}

/**
 * Puts a backend in the app: before the routes that come after this call, which have it as `c.var.storage`.
 * Called again, it puts another backend in the same place, and closes the one before.
 *
 * @throws ConfigurationError for options that make no sense; what `easyStorage` throws where no backend is
 * given. Then nothing has changed.
 */
export async function addStorage(app: HonoApp, options: AddStorageOptions = {}): Promise<StorageBackend> {
  const storage = AppStorage.of(app);
  // Before anything is awaited: the order of middlewares is that of the calls.
  storage.connect(() => app.use(before(storage)));
  return await storage.install(options, { detect, requestTimeout: 3_600_000 });
}

async function detect(): Promise<StorageBackend> {
  const { easyStorage } = await import("@storage/auto");
  return await easyStorage();
}

function before(storage: AppStorage): StorageMiddleware {
  return async (c, next) => {
    const server = serverOf(Object(Reflect.get(Object(c.env), "incoming")));
    if (server !== undefined) storage.ownedBy(server);
    const handler = storage.handlerFor(c.req.raw.url);
    if (handler !== undefined) return await toFetchHandler(handler)(c.req.raw);
    if (storage.isInstalled) c.set("storage", storage.backend);
    return await next();
  };
}
