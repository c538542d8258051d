import { contentDisposition } from "./content-disposition.ts";
import type { Context } from "./context.ts";
import type { UrlOptions } from "./operation-options.ts";
import type { PutResult } from "./storage-backend.ts";
import type { Link, StorageDriver } from "./storage-driver.ts";

/**
 * The `url` of every put's result: what `getUrl(key)` gives, where that takes no I/O. It never fails over
 * its URL. One getter for all results: with one of its own each costs 0.4 µs more.
 */
export function urlOfResult(context: Context): PropertyDescriptor & ThisType<PutResult> {
  return {
    enumerable: true,
    configurable: true,
    get() {
      try {
        const signed = context.driver.signUrl?.(this.key, linkOf(context, this.key, {}));
        return typeof signed === "string" ? signed : undefined;
      } catch {
        return undefined;
      }
    },
  };
}

export function linkOf(context: Context, key: string, options: UrlOptions): Link {
  const { expiresIn = context.urlExpiresIn, download = false, contentType, cacheControl } = options;
  const name = download === true ? key.slice(key.lastIndexOf("/") + 1) : download;
  return {
    expiresIn,
    disposition: name === false ? undefined : contentDisposition(name),
    contentType,
    cacheControl,
    provider: providerOptions(context.driver, options),
  };
}

/** The caller's options in the driver's own namespace. */
export function providerOptions({ features }: StorageDriver, options: object): Link["provider"] {
  return Reflect.get(options, features.provider ?? "");
}
