import type { Context } from "../context.ts";
import { linkOf } from "../links.ts";
import type { UrlOptions } from "../operation-options.ts";
import { NotSupportedError } from "../storage-errors.ts";

export function getUrl(context: Context, key: string, options: UrlOptions): Promise<string> {
  return context.run({ operation: "getUrl", key }, options, (operation) => {
    const { driver } = context;
    const link = linkOf(context, key, options);
    if (!driver.signUrl) throw new NotSupportedError("the capability signedUrls is false");
    const signed = driver.signUrl(key, link);
    return async () => {
      if (options.mustExist !== false) await operation.run("head", [key], {});
      return typeof signed === "string" ? signed : await operation.sign(key, signed);
    };
  });
}
