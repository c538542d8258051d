import { attributesOf } from "../attributes.ts";
import type { Context } from "../context.ts";
import type { UploadUrlOptions } from "../operation-options.ts";
import { checkOptions } from "../option-checks.ts";
import type { SignedUpload } from "../storage-backend.ts";
import { InvalidArgumentError, NotSupportedError } from "../storage-errors.ts";
import { checkSupported } from "../supported.ts";
import { checkKey } from "./check-key.ts";

export function getUploadUrl(
  context: Context,
  key: string,
  options: UploadUrlOptions,
): Promise<SignedUpload> {
  return context.run({ operation: "getUploadUrl", key }, async (operation) => {
    const { driver } = context;
    checkKey(driver, key);
    checkOptions("getUploadUrl", options);
    checkSizes(options);
    const attributes = attributesOf(key, options, driver.limits);
    const { method = "PUT", expiresIn = context.urlExpiresIn, parts = false } = options;
    const { size, minBytes, maxBytes, ifNoneMatch, checksum } = options;
    if (driver.signUpload === undefined || !driver.features.uploadMethods.includes(method)) {
      throw new NotSupportedError(`${driver.name} has no signed uploads by ${method} here`);
    }
    checkSupported(driver, "put", {
      ifNoneMatch,
      metadata: options.metadata,
      contentType: options.contentType,
    });
    checkSupported(driver, "getUploadUrl", options);
    operation.begin(options.signal);
    const sha256 = checksum?.sha256.toLowerCase();
    const terms = { method, expiresIn, attributes, parts, size, minBytes, maxBytes, ifNoneMatch, sha256 };
    return await driver.signUpload(key, operation.call(terms));
  });
}

function checkSizes({ size, minBytes = 0, maxBytes = Number.POSITIVE_INFINITY }: UploadUrlOptions): void {
  if (minBytes > maxBytes) throw new InvalidArgumentError("minBytes is at most maxBytes");
  if (size !== undefined && (size < minBytes || size > maxBytes)) {
    throw new InvalidArgumentError("size lies between minBytes and maxBytes");
  }
}
