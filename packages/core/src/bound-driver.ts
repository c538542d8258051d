import type { StorageDriver } from "./storage-driver.ts";

/** The driver as a plain object that can be spread and changed: its methods stay its own. */
export function boundDriver(driver: StorageDriver): StorageDriver {
  const { name, layers, features, limits, signer, urlExpiresIn } = driver;
  return {
    name,
    layers,
    features,
    limits,
    signer,
    urlExpiresIn,
    write: (...args) => driver.write(...args),
    read: (...args) => driver.read(...args),
    head: (...args) => driver.head(...args),
    remove: (...args) => driver.remove(...args),
    list: (...args) => driver.list(...args),
    removeMany: driver.removeMany?.bind(driver),
    copy: driver.copy?.bind(driver),
    move: driver.move?.bind(driver),
    signUrl: driver.signUrl?.bind(driver),
    signUpload: driver.signUpload?.bind(driver),
    checkHealth: driver.checkHealth?.bind(driver),
    sweep: driver.sweep?.bind(driver),
    close: driver.close?.bind(driver),
  };
}
