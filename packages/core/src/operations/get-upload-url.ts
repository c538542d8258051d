import { attributesOf } from "../attributes.ts";
import type { Context } from "../context.ts";
import type { UploadUrlOptions } from "../operation-options.ts";
import type { SignedUpload } from "../storage-backend.ts";
import { InvalidArgumentError, NotSupportedError } from "../storage-errors.ts";

export function getUploadUrl(
  context: Context,
  key: string,
  options: UploadUrlOptions,
): Promise<SignedUpload> {
  return context.run({ operation: "getUploadUrl", key }, options, (operation) => {
    const { signal: _, contentType: __, metadata: ___, checksum, ...others } = options;
    const { method = "PUT", expiresIn = context.urlExpiresIn, parts = false, ...terms } = others;
    const { minBytes, size, maxBytes } = terms;
    const sizes = [minBytes, size, maxBytes].filter((it) => it !== undefined);
    if (sizes.some((it, at) => it > (sizes[at + 1] ?? it)))
      throw new InvalidArgumentError("size lies between minBytes and maxBytes");
    const attributes = { ...attributesOf(key, options, context.driver.limits), internal: {} };
    if (!context.capabilities.signedUploads.includes(method)) {
      throw new NotSupportedError(`method ${method} takes the capability signedUploads`);
    }
    const sha256 = checksum?.sha256.toLowerCase();
    return () =>
      operation.run("signUpload", [key], { ...terms, method, expiresIn, parts, attributes, sha256 });
  });
}
