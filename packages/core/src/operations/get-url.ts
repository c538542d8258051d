import { contentDisposition } from "../content-disposition.ts";
import { checkContentType } from "../content-type.ts";
import type { Context } from "../context.ts";
import { checkHeader } from "../metadata.ts";
import type { UrlOptions } from "../operation-options.ts";
import { checkOptions } from "../option-checks.ts";
import type { Link } from "../storage-driver.ts";
import { NotSupportedError } from "../storage-errors.ts";
import { checkKey } from "./check-key.ts";

export function getUrl(context: Context, key: string, options: UrlOptions): Promise<string> {
  return context.run({ operation: "getUrl", key }, async (operation) => {
    const { driver } = context;
    checkKey(driver, key);
    checkOptions("getUrl", options);
    const link = linkOf(context, key, options);
    if (driver.signUrl === undefined)
      throw new NotSupportedError(`${driver.name} has no links of its own here`);
    operation.begin(options.signal);
    if (options.mustExist !== false) await driver.head(key, operation.call({}));
    const signed = driver.signUrl(key, link);
    return typeof signed === "string" ? signed : await signed(operation.call({}));
  });
}

/** For a put's result: what `getUrl(key)` gives, where that takes no I/O. It never fails over its URL. */
export function linkAtHand(context: Context, key: string): string | undefined {
  try {
    const signed = context.driver.signUrl?.(key, linkOf(context, key, {}));
    return typeof signed === "string" ? signed : undefined;
  } catch {
    return undefined;
  }
}

function linkOf(context: Context, key: string, options: UrlOptions): Link {
  const { expiresIn = context.urlExpiresIn, download = false, contentType, cacheControl } = options;
  const name = download === true ? key.slice(key.lastIndexOf("/") + 1) : download;
  const { provider } = context.driver.features;
  const own: unknown = provider === undefined ? undefined : Reflect.get(options, provider);
  return {
    expiresIn,
    disposition: name === false ? undefined : contentDisposition(name),
    contentType: contentType === undefined ? undefined : checkContentType(contentType),
    cacheControl: cacheControl === undefined ? undefined : checkHeader("cacheControl", cacheControl),
    provider: own as Link["provider"],
  };
}
