import type { AppStorage, NodeServer } from "@storage/http";

type Method = (this: unknown, ...given: unknown[]) => unknown;

/**
 * Closes the backend with the servers that `app.listen` gives, and with an app that has a `close` of its own
 * (Nest). There is no other sign of an app's end: servers that only hand it requests come and go, as
 * supertest's do with each one.
 */
export function closeWith(app: object, storage: AppStorage): void {
  wrap(app, "listen", (listen) => {
    return function (...given) {
      const listening: unknown = Reflect.apply(listen, this, given);
      if (isServer(listening)) storage.ownedBy(listening);
      return listening;
    };
  });
  wrap(app, "close", (close) => {
    return async function (...given) {
      try {
        return await Reflect.apply(close, this, given);
      } finally {
        await storage.close();
      }
    };
  });
}

/**
 * Nest's apps are proxies that take no assignment, and whose methods look up the real one when they are
 * called: what is defined is the app's own, and so is what is found.
 */
function wrap(app: object, name: string, wrapped: (method: Method) => Method): void {
  const method = methodOf(app, name);
  if (method === undefined) return;
  Object.defineProperty(app, name, { value: wrapped(method), writable: true, configurable: true });
}

function methodOf(app: object, name: string): Method | undefined {
  for (let owner: object | null = app; owner !== null; owner = Reflect.getPrototypeOf(owner)) {
    const value: unknown = Reflect.getOwnPropertyDescriptor(owner, name)?.value;
    if (isMethod(value)) return value;
  }
  return undefined;
}

const isMethod = (value: unknown): value is Method => typeof value === "function";

/** Nest gives a promise of one, and has a `close`. */
function isServer(value: unknown): value is NodeServer {
  return typeof value === "object" && value !== null && "once" in value;
}
