import type { StorageBackend } from "./storage-backend.ts";
import type { StorageDriver } from "./storage-driver.ts";
import { ConfigurationError } from "./storage-errors.ts";

/** Registered, so that two copies of this package agree on it. */
const driverSymbol: unique symbol = Symbol.for("@storage/driver/1");

/** Made when a layer asks for it: most backends have none, and views are made for every request. */
export function expose(backend: StorageBackend, make: () => StorageDriver): void {
  let driver: StorageDriver | undefined;
  Object.defineProperty(backend, driverSymbol, {
    get: () => {
      driver ??= make();
      return driver;
    },
  });
}

/**
 * The narrow half under a backend, for layers: retries, slots, time-outs and classified errors are
 * inside.
 *
 * @throws ConfigurationError for a backend that was not built by `Backend`.
 */
export function driverOf(backend: StorageBackend): StorageDriver {
  const driver: unknown = Object(backend)[driverSymbol];
  if (driver) return driver as StorageDriver;
  throw new ConfigurationError("a backend without a driver: build it over Backend");
}
