import type { IncomingMessage, ServerResponse } from "node:http";
import type { StorageBackend } from "@storage/core";
import { type AddStorageOptions, AppStorage } from "@storage/http";
import { closeWith } from "./close-with.ts";
import { markRequest } from "./get-storage.ts";

export type ExpressMiddleware = (
  req: IncomingMessage,
  res: ServerResponse,
  next: (error?: unknown) => void,
) => void;

/** Express 4 or 5, one of its routers, connect, or Nest over Express. */
export interface ExpressApp {
  use(middleware: ExpressMiddleware): unknown;
}

/**
 * Puts a backend in the app: before the routes that come after this call, and before whatever reads bodies.
 * Called again, it puts another backend in the same place, and closes the one before.
 *
 * @throws ConfigurationError for options that make no sense; what `easyStorage` throws where no backend is
 * given. Then nothing has changed.
 */
export async function addStorage(app: ExpressApp, options: AddStorageOptions = {}): Promise<StorageBackend> {
  const storage = AppStorage.of(app);
  // Before anything is awaited: the order of middlewares is that of the calls.
  storage.connect(() => {
    app.use(before(storage));
    closeWith(app, storage);
  });
  return await storage.install(options, { detect, requestTimeout: 3_600_000 });
}

async function detect(): Promise<StorageBackend> {
  const { easyStorage } = await import("@storage/auto");
  return await easyStorage();
}

function before(storage: AppStorage): ExpressMiddleware {
  return (req, res, next) => {
    markRequest(req, storage);
    if (!storage.takes(req, res)) next();
  };
}
