import type { StorageBackend } from "@storage/core";
import { AppStorage, notConfigured } from "@storage/http";

/** The last `addStorage` that a request has passed, and on which app. */
interface Mark {
  readonly storage: AppStorage;
  readonly app: unknown;
}

/** Registered, since an application may meet two copies of this package. */
const symbol: unique symbol = Symbol.for("@storage/express/request/1");

export function markRequest(req: object, storage: AppStorage): void {
  const mark: Mark = { storage, app: appOf(req) };
  Reflect.set(req, symbol, mark);
}

/**
 * The backend that a request is for: that of its app, or of the app which that one is mounted in.
 *
 * @throws ConfigurationError before `addStorage`.
 */
export function getStorage(req: object): StorageBackend {
  const found = storageOf(req);
  if (found === undefined) throw notConfigured();
  return found.backend;
}

/**
 * From the app outwards and not from the mark alone: a request that has left a mounted app is no longer
 * for that one's backend, and a route from before `addStorage` is passed by no mark. An app whose `addStorage`
 * has failed has none.
 */
function storageOf(req: object): AppStorage | undefined {
  const mark: Mark | undefined = Reflect.get(req, symbol);
  for (let app = appOf(req); app !== undefined; app = Reflect.get(app, "parent")) {
    const found = mark?.app === app ? mark?.storage : AppStorage.find(app);
    if (found?.isInstalled) return found;
  }
  return mark?.storage;
}

function appOf(req: object): object | undefined {
  const app: unknown = Reflect.get(req, "app");
  return typeof app === "function" ? app : undefined;
}
