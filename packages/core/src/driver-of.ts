import type { StorageBackend } from "./storage-backend.ts";
import type { StorageDriver } from "./storage-driver.ts";
import { ConfigurationError } from "./storage-errors.ts";

/** Registered, so that two copies of this package agree on it. */
const driverSymbol: unique symbol = Symbol.for("@storage/driver/1");

export function expose(backend: StorageBackend, driver: StorageDriver): void {
  Object.defineProperty(backend, driverSymbol, { value: driver });
}

/**
 * The narrow half under a backend, for layers: retries, slots, time-outs and classified errors are
 * inside.
 *
 * @throws ConfigurationError for a backend that was not built by `Backend`.
 */
export function driverOf(backend: StorageBackend): StorageDriver {
  const driver: unknown = Reflect.get(Object(backend), driverSymbol);
  if (isDriver(driver)) return driver;
  throw new ConfigurationError(
    "this backend has no driver: build it as a class over Backend, with a StorageDriver",
  );
}

function isDriver(value: unknown): value is StorageDriver {
  return typeof value === "object" && value !== null && "write" in value && "read" in value;
}
