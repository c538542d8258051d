import type { AppStorage, NodeServer } from "@storage/http";

/**
 * Closes the backend with the servers that `app.listen` gives, and with an app that has a `close` of its own
 * (Nest). There is no other sign of an app's end: servers that only hand it requests come and go, as
 * supertest's do with each one. `defineProperty`, since Nest's apps are proxies that take no assignment.
 */
export function closeWith(app: object, storage: AppStorage): void {
  const listen: unknown = Reflect.get(app, "listen");
  if (typeof listen === "function") {
    wrap(app, "listen", function (this: unknown, ...given) {
      const listening: unknown = Reflect.apply(listen, this, given);
      if (isServer(listening)) storage.ownedBy(listening);
      return listening;
    });
  }
  const close: unknown = Reflect.get(app, "close");
  if (typeof close === "function") {
    wrap(app, "close", async function (this: unknown, ...given) {
      const closed: unknown = await Reflect.apply(close, this, given);
      await storage.close();
      return closed;
    });
  }
}

function wrap(app: object, name: string, value: (this: unknown, ...given: unknown[]) => unknown): void {
  Object.defineProperty(app, name, { value, writable: true, configurable: true, enumerable: true });
}

/** Nest gives a promise of one, and has a `close`. */
function isServer(value: unknown): value is NodeServer {
  return typeof value === "object" && value !== null && "once" in value;
}
